"""A browser and Chinese fonts for the tests that need them: from PATH, else installed by apt for root, else said.

`python -m tests.browser` exits 0 when both are there.
"""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str | None:
    """The path of the browser."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def has_chinese_fonts() -> bool:
    """Whether some font can draw Chinese."""
    if not shutil.which("fc-list"):
        return False
    return bool(subprocess.run(["fc-list", ":lang=zh", "family"], capture_output=True, text=True).stdout.strip())


def _apt(*arguments: str) -> None:
    subprocess.run(["apt-get", "-qq", *arguments], env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"}, check=False)


def ensure() -> bool:
    """Have both, installing them where we may; whether both are there."""
    if chromium() and has_chinese_fonts():
        return True
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("安装 Chromium 和中文字体……", flush=True)
        _apt("update")
        _apt("install", "-y", "chromium", "fontconfig", "fonts-noto-cjk")
    return bool(chromium()) and has_chinese_fonts()


if __name__ == "__main__":
    if not ensure():
        print("浏览器测试需要 Chromium 和中文字体，请先安装（Debian：chromium、fonts-noto-cjk）。", file=sys.stderr)
        sys.exit(1)
