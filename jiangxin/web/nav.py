"""The menus: every entry is a line here, added together with its page."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Link:
    """An entry of a menu: `to` is the name of an address; shown to whoever holds one of the duties (none: to all).

    `due` names the steps of the main line whose waiting work is counted beside it; `note` says more.
    """

    label: str
    to: str
    icon: str
    duties: tuple[str, ...] = ()
    due: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Part:
    """A titled part of a menu."""

    title: str
    links: tuple[Link, ...]


PUBLIC = (Part("", (Link("首页", "home", "home"),)),)
WORKER: tuple[Part, ...] = ()
PROVIDER = (
    Part(
        "每天",
        (
            Link("结果导入", "provider-results", "file-import", ("clerk",)),
            Link("上传结果", "provider-send-results", "upload", ("clerk",)),
        ),
    ),
)
STAFF = (Part("账号", (Link("我的岗位", "staff-account", "user-circle"),)),)

MENUS = {"public": PUBLIC, "worker": WORKER, "provider": PROVIDER, "staff": STAFF}
