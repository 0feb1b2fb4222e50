"""What the synthetic county is trained and assessed in: occupations, 专项 items and 培训合格 projects."""

from dataclasses import dataclass

EDITION = "2022"


@dataclass(frozen=True)
class Trade:
    """One subject of training. `code` is an occupation's or an item's; `major` the group its workers come from."""

    code: str
    name: str
    major: str
    levels: str
    hours: int


OCCUPATIONS = {
    trade.code: trade
    for trade in (
        Trade("6-31-01-03", "电工", "6", "5432", 84),
        Trade("6-18-01-01", "车工", "6", "54321", 84),
        Trade("6-20-01-01", "装配钳工", "6", "5432", 84),
        Trade("6-31-07-03", "工业机器人系统操作员", "6", "432", 77),
        Trade("6-05-01-03", "缝纫工", "6", "543", 63),
        Trade("6-30-05-01", "起重装卸机械操作工", "6", "543", 63),
        Trade("4-01-06-01", "电子商务师", "4", "5432", 70),
        Trade("4-02-06-03", "物流服务师", "4", "543", 63),
        Trade("4-03-02-01", "中式烹调师", "4", "54321", 77),
        Trade("4-03-02-07", "茶艺师", "4", "543", 56),
        Trade("4-10-03-02", "美发师", "4", "543", 63),
        Trade("4-10-01-05", "养老护理员", "4", "5432", 70),
        Trade("4-10-01-06", "家政服务员", "4", "543", 56),
        Trade("4-10-01-03", "保育师", "4", "543", 63),
        Trade("5-05-05-01", "农机驾驶操作员", "5", "543", 56),
        Trade("5-01-02-03", "食用菌生产工", "5", "54", 49),
        Trade("6-18-02-04", "焊工", "6", "543", 84),
        Trade("4-07-05-03", "消防设施操作员", "4", "543", 70),
        Trade("3-02-03-01", "消防员", "3", "543", 70),
    )
}
# Occupations whose certificate is a 职业资格 (assumed here to be these two).
QUALIFICATIONS = ("6-18-02-04", "4-07-05-03")
ITEMS = {
    trade.code: trade
    for trade in (
        Trade("ZX330421001", "嘉善黄酒酿制", "6", "", 40),
        Trade("ZX330421002", "纽扣制作", "6", "", 40),
        Trade("ZX330421003", "田歌小吃制作", "4", "", 40),
    )
}
PROJECTS = {
    trade.code: trade
    for trade in (
        Trade("PX330421001", "直播销售", "4", "", 48),
        Trade("PX330421002", "居家适老护理", "4", "", 48),
        Trade("PX330421003", "大棚蔬菜种植", "5", "", 40),
    )
}
# No class is filed for major group 3, so no standard is known: whoever passes it waits for one.
WITHOUT_STANDARD = "3-02-03-01"
