"""Tables that read well both in a terminal and in a document."""


def table(rows: list[list[str]]) -> str:
    """Rows of cells, the first one the heads, as a Markdown table with columns of even width."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [rows[0], ['-' * width for width in widths], *rows[1:]]
    return '\n'.join(
        '| ' + ' | '.join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + ' |'
        for line in lines
    )
