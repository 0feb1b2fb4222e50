"""The form of a batch of vouchers: what is said of it in words, and what these words mean as terms."""

from datetime import date
from typing import Any

from django import forms

from jiangxin.catalogue.models import Occupation
from jiangxin.catalogue.operations import EDITION
from jiangxin.funds.models import Pool
from jiangxin.funds.queries import takes_reservations
from jiangxin.ground.actor import Actor
from jiangxin.ground.regions import Region
from jiangxin.parties.models import Organisation
from jiangxin.parties.registers import SPELL_KINDS
from jiangxin.recognition.models import Title
from jiangxin.rules.vocabulary import FUNDS, LEVELS
from jiangxin.subsidy.queries.public import find_subjects
from jiangxin.training.models import TrainingClass
from jiangxin.training.operations.voucher_batches import MOST, BatchTerms
from jiangxin.training.vouchers import VoucherBatch, VoucherKind
from jiangxin.web.shared.forms import DayInput, PlainForm

# Statuses that say who someone is to be trained; the others say who is left out.
NOBODYS_GROUP = ("dead", "public_staff", "pension_employee", "pension_resident", "unemployment_insured")
GROUPS = [(code, name) for code, (name, _, _) in SPELL_KINDS.items() if code not in NOBODYS_GROUP]
LINES = {"rows": 3}


class BatchForm(PlainForm):
    """A batch, said in the words of the desk."""

    kind = forms.ModelChoiceField(label="哪种券", queryset=VoucherKind.objects.none(), empty_label=None)
    name = forms.CharField(label="叫什么", max_length=80, help_text="本人看得到，例：2026 年春季失业人员培训券")
    region = forms.TypedChoiceField(label="发给哪里的人", coerce=int)
    groups = forms.MultipleChoiceField(
        label="发给哪些人", choices=GROUPS, required=False, widget=forms.CheckboxSelectMultiple,
        help_text="有其中一种身份的就在内。已去世的、已有同样券的自动排除。定向券不用选，看名册。",
    )  # fmt: skip
    class_number = forms.CharField(
        label="班级编号", max_length=40, required=False, help_text="定向券填：按这个班的名册发"
    )
    subjects = forms.CharField(
        label="学什么", max_length=2000, required=False, widget=forms.Textarea(LINES),
        help_text="一行一个职业，写名称、俗称或编码；空着就什么职业都可以",
    )  # fmt: skip
    level = forms.ChoiceField(label="等级", choices=[("", "不限"), *LEVELS.items()], required=False)
    providers = forms.CharField(
        label="在哪些机构用", max_length=2000, required=False, widget=forms.Textarea(LINES),
        help_text="一行一个培训机构全称；空着就都可以",
    )  # fmt: skip
    planned = forms.IntegerField(label="最多发多少张", min_value=1, max_value=MOST)
    from_on = forms.DateField(label="从哪天起有效", widget=DayInput())
    until_on = forms.DateField(label="最后一天", widget=DayInput(), help_text="没有统一的规定，照文件填")
    pool = forms.ModelChoiceField(
        label="用哪个资金池", queryset=Pool.objects.none(), required=False, empty_label="不用留资金",
        help_text="按标准或面值的券，留座时（定向券发放时）从这里留出",
    )  # fmt: skip
    face = forms.DecimalField(
        label="每张面值（元）", max_digits=8, decimal_places=2, min_value=0, required=False, help_text="面值券才填"
    )
    document = forms.CharField(label="依据文件和文号", max_length=200)

    def __init__(self, actor: Actor, today: date, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor, self.today = actor, today
        fields: dict[str, Any] = self.fields
        fields["kind"].queryset = VoucherKind.objects.order_by("named", "code")
        fields["kind"].label_from_instance = lambda one: f"{one.name}（{one.get_value_display()}）"
        fields["region"].choices = list(
            Region.objects.filter(id__in=actor.regions).order_by("id").values_list("id", "name")
        )
        own = Pool.objects.filter(takes_reservations(today), office_id=actor.the_office)
        fields["pool"].queryset = own.select_related("office")
        fields["pool"].label_from_instance = lambda one: f"{one.year} 年{FUNDS[one.fund]}"

    def clean_subjects(self) -> tuple[str, ...]:
        """The codes of the occupations that were written, one a line."""
        return tuple(self._occupation(line) for line in _lines(self.cleaned_data["subjects"]))

    def _occupation(self, line: str) -> str:
        found = find_subjects("skill_level", 0, self.today, line)
        exact = [one for one in found if line in (one.name, one.key, one.alias)] or (found if len(found) == 1 else [])
        if not exact:
            near = "、".join(one.name for one in found[:5])
            raise forms.ValidationError(f"没有“{line}”这个职业{f'。是不是：{near}' if near else '，请核对名称'}")
        return exact[0].key

    def clean_providers(self) -> tuple[str, ...]:
        """The keys of the providers that were written, one a line."""
        return tuple(self._provider(line) for line in _lines(self.cleaned_data["providers"]))

    def _provider(self, line: str) -> str:
        titled = Title.objects.filter(kind="provider")
        found = titled.filter(organisation__name=line).values_list("organisation_id", flat=True).first()
        if found is None:
            alike = titled.filter(organisation__name__contains=line).order_by("organisation__name")
            near = "、".join(alike.values_list("organisation__name", flat=True)[:5])
            raise forms.ValidationError(f"名录里没有“{line}”{f'。是不是：{near}' if near else '，请写全称'}")
        return str(found)

    def clean_class_number(self) -> TrainingClass | None:
        """The class that a named kind follows."""
        number = self.cleaned_data["class_number"].strip()
        if not number:
            return None
        found = TrainingClass.objects.filter(number=number, region_id__in=self.actor.regions).first()
        if found is None:
            raise forms.ValidationError("没有这个编号的班，或不在您的管辖范围")
        return found

    def terms(self) -> BatchTerms:
        """What was said, as terms."""
        said = self.cleaned_data
        return BatchTerms(
            kind_id=said["kind"].code, name=said["name"], region_id=said["region"], planned=said["planned"],
            from_on=said["from_on"], until_on=said["until_on"], subjects=said["subjects"], level=said["level"],
            providers=said["providers"], groups=() if said["kind"].named else tuple(said["groups"]),
            training_class_id=said["class_number"].pk if said["class_number"] else None,
            pool_id=said["pool"].pk if said["pool"] else None, face_fen=int((said["face"] or 0) * 100),
            document=said["document"],
        )  # fmt: skip


def _lines(text: str) -> list[str]:
    return list(dict.fromkeys(line for line in map(str.strip, text.splitlines()) if line))


def said_before(batch: VoucherBatch) -> dict[str, object]:
    """The form's values of a batch that stands already."""
    names = dict(Occupation.objects.filter(edition=EDITION, code__in=batch.subjects).values_list("code", "name"))
    bodies = Organisation.objects.filter(id__in=batch.providers).order_by("name").values_list("name", flat=True)
    return {
        "kind": batch.kind_id, "name": batch.name, "region": batch.region_id, "groups": batch.groups,
        "class_number": batch.training_class.number if batch.training_class else "",
        "subjects": "\n".join(names.get(code, code) for code in batch.subjects), "level": batch.level,
        "providers": "\n".join(bodies), "planned": batch.planned, "from_on": batch.from_on,
        "until_on": batch.until_on, "pool": batch.pool_id, "face": batch.face_fen / 100 or None,
        "document": batch.document,
    }  # fmt: skip
