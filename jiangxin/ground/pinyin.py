"""Chinese names in the order people look for them: the database has no Chinese collation, so a key is stored."""

from functools import cache

from pypinyin import lazy_pinyin

# Surnames and place names whose reading differs from the character's usual one (《现代汉语词典》).
SURNAMES = {
    "区": "ou", "仇": "qiu", "单": "shan", "盖": "ge", "解": "xie", "朴": "piao", "查": "zha", "曾": "zeng",
    "缪": "miao", "翟": "zhai", "覃": "qin", "种": "chong", "员": "yun", "乜": "nie", "召": "shao", "繁": "po",
    "黑": "he", "郇": "xun", "祭": "zhai", "句": "gou", "秘": "bi", "卜": "bu", "都": "du", "尉迟": "yu chi",
    "万俟": "mo qi", "澹台": "tan tai", "单于": "chan yu", "长孙": "zhang sun",
}  # fmt: skip
PLACES = {"莲都区": "lian du qu"}


@cache
def _syllable(character: str) -> str:
    return lazy_pinyin(character)[0]


def pinyin_of(text: str) -> str:
    """The reading of a term, syllables parted by blanks: 焊工 → "han gong". Terms are read as whole words."""
    return PLACES.get(text) or " ".join(lazy_pinyin(text)).lower()


def pinyin_of_name(name: str) -> str:
    """The reading of a person's name, with the surname's own reading: 单秀英 → "shan xiu ying"."""
    for length in (2, 1):
        if reading := SURNAMES.get(name[:length]):
            return " ".join([reading, *map(_syllable, name[length:])]).lower()
    return " ".join(map(_syllable, name)).lower()
