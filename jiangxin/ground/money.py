"""Money is integer fen (分); here are only its two written forms."""

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿")


def yuan(fen: int) -> str:
    """The amount in yuan with thousands separators: 150000 -> "1,500.00"; a negative amount keeps its sign."""
    sign = "-" if fen < 0 else ""
    whole, rest = divmod(abs(fen), 100)
    return f"{sign}{whole:,}.{rest:02d}"


def yuan_in_words(fen: int) -> str:
    """The amount in 大写金额 as vouchers carry it: 150050 -> "壹仟伍佰元伍角整".

    Raises ValueError for amounts of 1,0000,0000,0000,0000 yuan and more, which no voucher has.
    """
    sign = "负" if fen < 0 else ""
    whole, rest = divmod(abs(fen), 100)
    if whole >= 10**16:
        raise ValueError(f"no written form for {fen} fen")
    jiao, cent = divmod(rest, 10)
    words = _whole_in_words(whole) + "元" if whole else ""
    if not rest:
        return f"{sign}{words or '零元'}整"
    if jiao:
        words += f"{_DIGITS[jiao]}角"
    elif words:
        words += "零"
    words += f"{_DIGITS[cent]}分" if cent else "整"
    return sign + words


def _whole_in_words(whole: int) -> str:
    words, owed_zero = "", False
    for group in range(len(_GROUPS) - 1, -1, -1):
        part = whole // 10000**group % 10000
        if not part:
            owed_zero = bool(words)
            continue
        if words and (owed_zero or part < 1000):
            words += "零"
        words += _group_in_words(part) + _GROUPS[group]
        owed_zero = False
    return words


def _group_in_words(part: int) -> str:
    words, owed_zero = "", False
    for place in range(3, -1, -1):
        digit = part // 10**place % 10
        if not digit:
            owed_zero = bool(words)
            continue
        words += ("零" if owed_zero else "") + _DIGITS[digit] + _PLACES[place]
        owed_zero = False
    return words
