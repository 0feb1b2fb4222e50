"""The words the law of certificates is written in: code → Chinese. Facts, numbers and pages use the same."""

KINDS = {
    "qualification": "职业资格证书",
    "skill_level": "职业技能等级证书",
    "special_skill": "专项职业能力证书",
    "training_pass": "培训合格证书",
}
KINDS_WITH_LEVELS = 2
LEVELS = {
    "5": "五级（初级工）",
    "4": "四级（中级工）",
    "3": "三级（高级工）",
    "2": "二级（技师）",
    "1": "一级（高级技师）",
}
CLASSES = {"manufacturing": "生产制造类", "social": "社会生产类", "agriculture_life": "农林牧渔生产及生活服务类"}
SEXES = {"male": "男", "female": "女"}
FUNDS = {
    "employment_grant": "就业补助资金",
    "unemployment_fund": "失业保险基金",
    "special_account": "职业技能提升行动专账结余资金",
    "local_talent": "地方人才经费",
    "industry_development": "行业产业发展经费",
}
PLACES = {
    "hukou": "户籍地",
    "residence": "常住地",
    "training": "培训地",
    "employment": "求职就业地",
    "insured": "参保地",
    "school": "就读地",
}
COUNT_DATES = {"issued": "核发日", "received": "送达日", "decided": "核定日"}
OFFICES = {"class_filed": "开班备案地", "insured": "参保地"}
CHANNELS = {"exclude": "不再享受", "difference": "付差额"}
SILENCE_ACTIONS = {"wait": "等待", "go_on": "继续办理"}
DAY_KINDS = {"calendar": "自然日", "working": "工作日"}
SCHEME_TITLES = {
    "certificate_subsidy": "职业培训补贴",
    "skill_uplift": "技能提升补贴",
    "project_class": "项目制培训补贴",
    "pre_job": "岗前培训补贴",
}
# The first two pay the person, and of each certificate only one does; the others pay the body that bore the cost (P24).
PERSON_SCHEMES = ("certificate_subsidy", "skill_uplift")
BODY_SCHEMES = ("project_class", "pre_job")
ANY = "any"
