"""Offices and registers as the house starts with them. Safe to repeat."""

from jiangxin.ground.reference import add_missing
from jiangxin.ground.regions import Region
from jiangxin.parties.models import Office, Register, SpellKind
from jiangxin.parties.registers import REGISTERS, SPELL_KINDS


def _name(region: Region) -> str:
    if region.parent is None:
        return f"{region.name}人力资源和社会保障厅"
    district = region.kind == "county" and region.name.endswith("区")
    return f"{region.parent.name if district else ''}{region.name}人力资源和社会保障局"


def load_offices() -> int:
    """One main office for each region: 省本级, 市本级, counties (P26). Functional zones are opened by hand."""
    regions = Region.objects.select_related("parent").order_by("id")
    return add_missing(
        ("region_id", "kind"), [Office(region=region, kind=region.kind, name=_name(region)) for region in regions]
    )


def load_registers() -> int:
    """The registers and what each answers; a changed name or audience is taken over."""
    registers = [Register(code=code, name=name, keeper=keeper) for code, (name, keeper) in REGISTERS.items()]
    kinds = [
        SpellKind(code=code, name=name, register_id=register, audience=audience)
        for code, (name, register, audience) in SPELL_KINDS.items()
    ]
    Register.objects.bulk_create(
        registers, update_conflicts=True, unique_fields=["code"], update_fields=["name", "keeper"]
    )
    SpellKind.objects.bulk_create(
        kinds, update_conflicts=True, unique_fields=["code"], update_fields=["name", "register", "audience"]
    )
    return len(registers)
