"""Triggers, policies and grants: the database repeats every promise of the operations."""

from pathlib import Path

from django.db import migrations

from jiangxin.funds.models import TEMPLATES
from jiangxin.ground import state
from jiangxin.ground.free_text import FreeText
from jiangxin.ground.table import all_tables
from jiangxin.ground.transitions import publish_states
from jiangxin.models import STATES

SQL = Path(__file__).parent / "sql"
NOTED = {"ground_journal_entry": ["detail"], "ground_job": ["args"]}


def texts() -> dict[str, list[str]]:
    """Columns in which people's own words stand, by table: in none of them an identity number (I3)."""
    found: dict[str, list[str]] = {}
    for model in all_tables():
        columns = [field.name for field in model._meta.fields if isinstance(field, FreeText)]
        if columns:
            table = model._meta.db_table
            found[table] = columns + NOTED.get(table, [])
    return found


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
        for name in ("guards", "texts", "ledger", "lines", "payments", "titles", "scope", "recognition", "training", "workforce", "vouchers", "examinations", "settlements", "transfers", "online", "grants"):
            text = (SQL / f"{name}.sql").read_text()
            cursor.execute(text.format(**roles) if name in ("payments", "grants") else text)
        for table, columns in texts().items():
            cursor.execute(
                f"ALTER TABLE {table} ADD CONSTRAINT {table}_names_no_number CHECK (NOT ("
                + " OR ".join(f"ground_holds_identity({column}::text)" for column in columns)
                + "))"
            )


class Migration(migrations.Migration):
    dependencies = [
        ("jiangxin", "0008_recognition_more"),
        ("sessions", "0001_initial"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("axes", "0010_accessattemptexpiration"),
        ("procrastinate", "0041_post_retry_failed_job"),
    ]
    operations = [migrations.RunPython(guard, migrations.RunPython.noop)]
