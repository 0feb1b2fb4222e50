"""`make bench`: ratios measured in one run, each against a floor or a peer, written to build/bench.json.

Absolute times say nothing on a shared machine; both sides of a ratio run here, one after the other, in turns.
"""

import os
import sys

from jiangxin.ground import state

os.environ.setdefault("JIANGXIN_STATE", str(state.state_folder() / "tests"))
os.environ |= {"JIANGXIN_ROLE": "owner", "DJANGO_SETTINGS_MODULE": "config.settings"}

import django

django.setup()

from tests.bench.run import main  # noqa: E402

sys.exit(main(sys.argv[1:]))
