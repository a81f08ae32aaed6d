"""A pattern from a configuration cannot stop the bot."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.pattern_cost import LONGEST, WINDOW, CostlyError, check

# https://owasp.org/www-community/attacks/Regular_expression_Denial_of_Service_-_ReDoS
EVIL = [
    "(a+)+$", "([a-zA-Z]+)*$", "(a|aa)+$", "(a|a?)+$", "(.*a){20}", "(?:.*){3}x", "(x+x+)+y",
    ".*.*.*x", "(a?){40}a{40}", "((((a*)*)*)*)*b", "(?=(a+)+)b", "(?:a|b|ab)*c", "(?i:(a+)+)$",
    "[]a]*[^]b]*.*x", r"\w*\d*\s*\w*x", "(?:a{1,9}){1,9}b", "a{,300}a{,300}a{,300}b", "a{,}b*c*d",
]  # fmt: skip
STRANGE = [r"(a)\1", "(?P<n>a)(?P=n)", "(?x) a", "(?#note)a", "(a)?(?(1)b|c)", "[[a]"]
WRONG = [
    "(",
    "a**",
    "[",
    "\\",
    "(?P<1>a)",
    "x" * (LONGEST + 1),
    "(?<=a*)b",
    "(" * 200 + "a" + ")" * 199,
]
GOOD = [
    "failed over", "cluster.*failed.*over", "(?:down|error|lost)", r"\bAG\d{1,3}\b", "(?i)x|y",
    "^[^]x]+$", "(?P<who>a|b) moved", "colou?r", "a{2}b{3,}", "x{", "x{a}", "(?<!not )down", "a++b",
    r"\[FIRING:\d+\]", "(?:ab){1,4}", "(?-i:OK)", r"C:\\x", "",
]  # fmt: skip


@pytest.mark.parametrize("pattern", EVIL)
def test_a_pattern_with_too_many_ways_is_refused(pattern: str) -> None:
    with pytest.raises(CostlyError, match="too long"):
        check(pattern)


@pytest.mark.parametrize("pattern", STRANGE + WRONG)
def test_what_is_wrong_or_cannot_be_judged_is_refused(pattern: str) -> None:
    with pytest.raises(CostlyError):
        check(pattern)


@pytest.mark.parametrize("pattern", GOOD)
def test_what_people_write_is_taken(pattern: str) -> None:
    check(pattern)


parts = st.sampled_from(
    ["a", ".", "[ab]", "(", ")", "(?:", "|", "*", "+", "?", "{1,9}", "{,}", "b"]
)


@given(st.lists(parts, max_size=12).map("".join))
def test_whatever_is_taken_is_fast(pattern: str) -> None:
    try:
        check(pattern)
    except CostlyError:
        return
    began = time.process_time()
    re.compile(pattern).search("a" * (WINDOW - 1) + "!")
    re.compile(pattern + "$").search("ab" * (WINDOW // 2 - 1) + "c!")
    assert time.process_time() - began < 2
