"""Names as a county's people bear them: mostly common, some of two characters, some with "·", some hard to write."""

from random import Random

# Commonest surnames with their rough shares per thousand in the coastal east (assumed).
SURNAMES = {
    "陈": 62, "王": 58, "张": 52, "沈": 45, "李": 44, "徐": 42, "周": 40, "朱": 36, "吴": 35, "陆": 32, "金": 30,
    "俞": 24, "顾": 24, "杨": 24, "刘": 24, "胡": 23, "姚": 22, "钱": 22, "孙": 21, "许": 21, "蒋": 20, "赵": 20,
    "林": 19, "章": 16, "高": 16, "潘": 16, "郑": 15, "唐": 15, "曹": 15, "严": 14, "郭": 12, "何": 12, "方": 12,
    "施": 12, "盛": 11, "倪": 11, "戴": 11, "叶": 11, "费": 9, "马": 9, "范": 9, "黄": 9, "汤": 8, "冯": 8,
    "孔": 6, "毛": 6, "夏": 6, "柳": 4, "鲍": 4, "欧阳": 2, "上官": 1, "诸葛": 1,
}  # fmt: skip
GIVEN = {
    "male": "伟强磊军勇涛明超辉刚健俊飞鹏宇浩杰斌凯龙建国志文海林峰波平华祥根荣兴良泉金宝安康博睿晨轩泽宸",
    "female": "芳娜敏静丽艳娟霞秀英玲桂兰燕红梅雪琴莉倩萍洁婷颖蓉佳欣怡雨涵诗梦瑶琪雯琳慧凤珍妹菊珠仙子萱",
}
ELDER = {"male": "根荣兴良泉金宝法阿生福祥林水土明", "female": "英珍妹菊珠仙宝凤秀兰阿金桂花月琴"}
RARE = "堃翀犇昇喆䶮㛃祎翾玥珺晗"
WITH_DOT = {
    "male": ("艾力·买买提", "阿卜杜·热合曼", "努尔·艾合买提", "吐尔逊·卡德尔"),
    "female": ("古丽·艾山", "阿依努尔·买买提", "热娜·吐尔逊", "玛依拉·卡德尔"),
}
ELDER_BORN_BEFORE, RARE_SHARE, DOT_SHARE = 1965, 0.006, 0.004
TWO_CHARACTERS = {True: 0.10, False: 0.22}


def draw_name(random: Random, sex: str, born_year: int) -> str:
    """A name for a person of a sex and a year of birth."""
    dice = random.random()
    if dice < DOT_SHARE:
        return random.choice(WITH_DOT[sex])
    surname = random.choices(list(SURNAMES), list(SURNAMES.values()))[0]
    elder = born_year < ELDER_BORN_BEFORE
    given = random.choice((ELDER if elder else GIVEN)[sex])
    if random.random() >= TWO_CHARACTERS[elder]:
        given += random.choice(GIVEN[sex])
    return surname + (given[:-1] + random.choice(RARE) if dice < DOT_SHARE + RARE_SHARE else given)
