"""Lines of PowerShell that `doctor` hands to people."""


def quoted(text: str) -> str:
    """Quote for PowerShell: in single quotes nothing but the quote itself has a meaning.

    PowerShell takes the curly quotes of word processors for quotes, too.
    """
    doubled = "".join(c * 2 if c in SINGLE_QUOTES else c for c in text)
    return f"'{doubled}'"


SINGLE_QUOTES = "'\u2018\u2019\u201a\u201b"
