"""The registers that answer questions about people, and the kinds of dated status each of them brings (P2, P17)."""

# code: (name, keeper)
REGISTERS = {
    "household": ("户籍登记", "公安"),
    "residence": ("居住证和常住登记", "公安"),
    "employment": ("就业登记", "人力社保"),
    "unemployment": ("失业登记", "人力社保"),
    "insurance_employee": ("企业职工参保和失业保险缴费", "社会保险"),
    "pension_employee": ("企业职工养老待遇", "社会保险"),
    "pension_resident": ("城乡居民养老待遇", "社会保险"),
    "student": ("全日制学籍", "教育"),
    "public_staff": ("财政供养人员", "财政"),
    "death": ("死亡登记", "民政、公安"),
    "rural_migrant": ("农村转移劳动力", "农业农村"),
    "veteran": ("退役军人", "退役军人事务"),
    "disability": ("残疾人登记", "残联"),
    "market": ("市场主体登记", "市场监管"),
    "platform": ("新就业形态劳动者", "人力社保"),
    "card": ("社会保障卡账户", "社保卡管理"),
    "listing": ("证书查询名单", "全国或省级证书查询平台"),
    "earlier_certificate_subsidy": ("已享受职业培训补贴", "人力社保"),
    "earlier_skill_uplift": ("已享受技能提升补贴", "失业保险经办"),
    "titles_assessor": ("评价机构备案", "人力社保"),
    "titles_provider": ("培训机构目录", "人力社保"),
}

# code: (name, register, audience); "worker" = the person and officers, "officer" = officers, "case" = only in a case.
SPELL_KINDS = {
    "hukou": ("户籍地", "household", "worker"),
    "residence": ("常住地", "residence", "worker"),
    "employed": ("就业", "employment", "worker"),
    "unemployed": ("登记失业", "unemployment", "worker"),
    "insured": ("企业职工参保", "insurance_employee", "worker"),
    "unemployment_insured": ("失业保险缴费", "insurance_employee", "worker"),
    "pension_employee": ("领取职工养老金", "pension_employee", "worker"),
    "pension_resident": ("领取居民养老金", "pension_resident", "worker"),
    "full_time_student": ("全日制在校生", "student", "worker"),
    "public_staff": ("财政供养人员", "public_staff", "worker"),
    "dead": ("死亡", "death", "officer"),
    "rural_migrant": ("农村转移劳动力", "rural_migrant", "worker"),
    "veteran": ("退役军人", "veteran", "worker"),
    "disabled": ("持残疾人证", "disability", "officer"),
    "self_employed": ("个体经营", "market", "worker"),
    "platform_worker": ("新就业形态劳动者", "platform", "worker"),
}
