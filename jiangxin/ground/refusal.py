"""A business "no": said in plain Chinese, with what the person can do next. Anything else that fails is a defect."""


class Refusal(Exception):
    """Raised before anything is written; `code` is the class name, `sentence` and `remedy` are shown to people."""

    sentence = ""
    remedy = ""

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        self.sentence = type(self).sentence.format(**facts)
        self.remedy = type(self).remedy.format(**facts)
        super().__init__(self.sentence)

    @property
    def code(self) -> str:
        return type(self).__name__


class NotYourDuty(Refusal):
    sentence = "您的岗位不能办这件事。"
    remedy = "请联系有这个岗位的同事办理。"


class NotFound(Refusal):
    sentence = "没有找到，或不在您的管辖范围。"
    remedy = "请核对后再查。"


class ChangedMeanwhile(Refusal):
    sentence = "这一项刚被别人改过，您的操作没有生效。"
    remedy = "请刷新后看最新状态。"
