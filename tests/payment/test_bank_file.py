"""Bank files: what is written is read again; what is not true about itself is not taken; 10,000 mutants do no harm."""

import random
from collections.abc import Callable
from datetime import date

import pytest

from jiangxin.payment.bank_file import (
    ANSWER,
    BOUNCE,
    FAILED,
    FORMATS,
    PAID,
    FileDoubtful,
    PaymentHead,
    PaymentRow,
    ReturnHead,
    ReturnRow,
    StatementHead,
    StatementRow,
    read,
    read_payment,
    read_return,
    read_statement,
    render,
    unwritable,
)

DAY = date(2026, 3, 2)
PAYMENT = PaymentHead("330421-JY-20260302-01", "1936000000000016", "嘉善县财政局", "就业补助资金", DAY)
PAYMENTS = [
    PaymentRow(1, "6228480000000000001", "买买提·艾力", "中国农业银行嘉善支行", 150_000, "T1"),
    PaymentRow(2, "6228480000000000002", "张三", "嘉善农商银行", 5, "T2"),
]
RETURN = ReturnHead(PAYMENT.batch, ANSWER, DAY, 1)
RETURNS = [
    ReturnRow(1, "6228480000000000001", 150_000, PAID, ""),
    ReturnRow(2, "6228480000000000002", 5, FAILED, "户名不符"),
]
STATEMENT = StatementHead("1936000000000016", DAY, DAY)
STATEMENTS = [
    StatementRow("S1", DAY, "借", 150_005, "代发 330421-JY-20260302-01"),
    StatementRow("S2", DAY, "贷", 5, "代发退回 330421-JY-20260302-01 第 2 笔"),
]


@pytest.mark.parametrize("file_format", FORMATS)
def test_what_is_written_is_read_again(file_format: str) -> None:
    payment = read_payment(render(PAYMENT, PAYMENTS, file_format))
    assert (payment.head, payment.rows) == (PAYMENT, PAYMENTS)
    answer = read_return(render(RETURN, RETURNS, file_format))
    assert (answer.head, answer.rows) == (RETURN, RETURNS)
    statement = read_statement(render(STATEMENT, STATEMENTS, file_format))
    assert (statement.head, statement.rows) == (STATEMENT, STATEMENTS)


def test_columns_are_fixed_in_bytes_whatever_the_letters() -> None:
    lines = render(PAYMENT, PAYMENTS, "fixed_gbk").split(b"\r\n")
    assert len(lines[1]) == len(lines[2]) == 1 + 8 + 40 + 120 + 120 + 15 + 40
    assert lines[1][1:9] == b"00000001"
    assert lines[1][289:304] == b"000000001500.00"


def test_a_character_that_the_coding_cannot_carry_is_named_and_never_replaced() -> None:
    assert unwritable("张䶮", "fixed_gbk") == "䶮"
    assert unwritable("张䶮", "xlsx") == ""
    assert unwritable("张\n三", "xlsx") == "\n"
    with pytest.raises(UnicodeEncodeError):
        render(PAYMENT, [PaymentRow(1, "6228480000000000001", "张䶮", "银行", 1, "T1")], "fixed_gbk")


def test_a_value_wider_than_its_column_is_not_cut_off() -> None:
    with pytest.raises(ValueError, match="wider"):
        render(PAYMENT, [PaymentRow(1, "6" * 41, "张三", "银行", 1, "T1")], "fixed_gbk")


def _of(rows: list[ReturnRow], **head: object) -> Callable[[str], bytes]:
    values = {"batch": RETURN.batch, "kind": ANSWER, "answered_on": DAY, "part": 1} | head
    return lambda file_format: render(ReturnHead(**values), rows, file_format)  # type: ignore[arg-type]


WRONG = {
    "合计": (lambda f: render(RETURN, RETURNS, f, claimed=(150_001, 5)), "成功金额（元）写的是 1500.01"),
    "两次": (_of([RETURNS[0], RETURNS[0]]), "同一笔出现了两次"),
    "空": (_of([]), "没有一笔"),
    "种类": (_of(RETURNS, kind="通知"), "文件种类不对"),
    "结果": (_of([ReturnRow(1, "6228480000000000001", 1, "在途", "")]), "结果或原因不对"),
    "没有原因": (_of([ReturnRow(1, "6228480000000000001", 1, FAILED, "")]), "结果或原因不对"),
    "有原因": (_of([ReturnRow(1, "6228480000000000001", 1, PAID, "超限")]), "结果或原因不对"),
    "退汇成功": (_of(RETURNS, kind=BOUNCE), "结果或原因不对"),
    "别的文件": (lambda f: render(PAYMENT, PAYMENTS, f), "这是代发付款清单，不是代发回单"),
}


@pytest.mark.parametrize("file_format", FORMATS)
@pytest.mark.parametrize("case", WRONG)
def test_a_return_that_contradicts_itself_is_not_taken(case: str, file_format: str) -> None:
    make, why = WRONG[case]
    with pytest.raises(FileDoubtful) as doubt:
        read_return(make(file_format))
    assert why in doubt.value.why


@pytest.mark.parametrize("data", [b"", b"\r\n", b"PK", b"HRET\r\n", b"\xff\xfe", "回单".encode("gbk")])
def test_anything_else_is_not_taken(data: bytes) -> None:
    with pytest.raises(FileDoubtful):
        read(data)


def test_a_side_that_is_neither_debit_nor_credit_is_not_taken() -> None:
    with pytest.raises(FileDoubtful, match="借贷"):
        read(render(STATEMENT, [StatementRow("S1", DAY, "收", 5, "x")], "fixed_gbk"))


def _mutated(draw: random.Random, data: bytes) -> bytes:
    """One to three small accidents of a file: bytes changed, lost, added, doubled, pieces swapped, the end cut off."""
    out = bytearray(data)
    for _ in range(draw.randint(1, 3)):
        at, end = sorted((draw.randrange(len(out)), draw.randrange(len(out))))
        match draw.randrange(6):
            case 0:
                out[at] = draw.randrange(256)
            case 1:
                out[at] = draw.choice(b"0123456789")
            case 2:
                del out[at : at + draw.randint(1, 40)]
            case 3:
                out[at:at] = out[at:end][:400] or b" "
            case 4:
                out = out[end:] + out[at:end] + out[:at]
            case _:
                del out[max(at, 1) :]
        if not out:
            out = bytearray(b"H")
    return bytes(out)


@pytest.mark.parametrize(("file_format", "count"), [("fixed_gbk", 9_500), ("xlsx", 500)])
def test_no_mutant_is_taken_for_something_it_does_not_say(file_format: str, count: int) -> None:
    """10,000 in all (M12, G16): a mutant is refused, or says exactly what the original said."""
    draw, original = random.Random(20260302), render(RETURN, RETURNS, file_format)
    taken = 0
    for _ in range(count):
        mutant = _mutated(draw, original)
        try:
            document = read_return(mutant)
        except FileDoubtful:
            continue
        assert (document.head, document.rows) == (RETURN, RETURNS)
        taken += mutant != original
    assert taken == 0 if file_format == "fixed_gbk" else taken < count
