"""The import measured alone: `python -m tests.bench.workbook_alone ROWS FOLDER` prints what it found as JSON."""

import os
import sys
from pathlib import Path

from jiangxin.ground import state

os.environ.setdefault("JIANGXIN_STATE", str(state.state_folder() / "tests"))
os.environ |= {"JIANGXIN_ROLE": "owner", "DJANGO_SETTINGS_MODULE": "config.settings"}

import django

django.setup()

from django.db import connection  # noqa: E402

from tests import database  # noqa: E402
from tests.bench.workbook import alone  # noqa: E402

with database.copy_of(database.ensure_template()):
    with connection.cursor() as cursor:
        cursor.execute(f'SET ROLE "{state.role_name("worker")}"')
    alone(int(sys.argv[1]), Path(sys.argv[2]))
