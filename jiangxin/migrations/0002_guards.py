"""Triggers, policies and grants: the database repeats every promise of the operations."""

from pathlib import Path

from django.db import migrations

from jiangxin.funds.models import TEMPLATES
from jiangxin.ground import state
from jiangxin.ground.transitions import publish_states
from jiangxin.models import STATES

SQL = Path(__file__).parent / "sql"


def guard(apps, editor):
    """Fill the tables of moves and templates, then lay the guards over all tables."""
    publish_states(STATES)
    roles = {role: editor.connection.ops.quote_name(state.role_name(role)) for role in state.ROLES}
    with editor.connection.cursor() as cursor:
        cursor.execute("INSERT INTO ground_clock (id, demo_steps) VALUES (1, 0)")
        cursor.executemany(
            "INSERT INTO funds_transfer_template (kind, debit, credit) VALUES (%s, %s, %s)",
            [(kind, *ends) for kind, ends in TEMPLATES.items()],
        )
        for name in ("guards", "ledger", "lines", "payments", "titles", "scope", "grants"):
            text = (SQL / f"{name}.sql").read_text()
            cursor.execute(text.format(**roles) if name in ("payments", "grants") else text)


class Migration(migrations.Migration):
    dependencies = [
        ("jiangxin", "0001_tables"),
        ("sessions", "0001_initial"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("axes", "0010_accessattemptexpiration"),
        ("procrastinate", "0041_post_retry_failed_job"),
    ]
    operations = [migrations.RunPython(guard, migrations.RunPython.noop)]
