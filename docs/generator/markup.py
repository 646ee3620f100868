"""Ansible's documentation markup (`O(option)`, `C(code)`, `M(module)`) and plain text as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from antsibull_docs_parser import dom
from antsibull_docs_parser.format import Formatter, LinkProvider, format_paragraphs
from antsibull_docs_parser.parser import Context, parse

from docs.generator.paths import COLLECTION, ROOT

ANSIBLE_DOCS = "https://docs.ansible.com/ansible/latest/collections"


MARKUP = re.compile(r"([\\`*<>\[\]]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9]))")
CODE_SPAN = re.compile(r"(`[^`]+`)")


def escape(text: str) -> str:
    """Plain text as Markdown: nothing in it becomes markup but what stands between backticks."""
    parts = CODE_SPAN.split(text)
    return "".join(part if CODE_SPAN.fullmatch(part) else MARKUP.sub(r"\\\1", part) for part in parts)


def code(text: str) -> str:
    """A code span, also of text that holds backticks."""
    fence = "``" if "`" in text else "`"
    padding = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{padding}{text}{padding}{fence}" if text else ""


def cell(text: str) -> str:
    """Text for one cell of a table."""
    return text.replace("|", "\\|").replace("\n", " ")


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; its cells hold Markdown already."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cell(value) for value in line) + " |" for line in lines)


def block(text: str, language: str) -> str:
    """A fenced block."""
    return f"```{language}\n{text.strip(chr(10))}\n```"


def anchor(heading: str) -> str:
    """The anchor that a git forge gives a heading."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def page_of(name: str, kind: str) -> str | None:
    """Page of a plugin or role of this collection relative to docs/reference, None when there is none.

    M() also names roles, which have no markup of their own before ansible-core 2.20.
    """
    short = name.removeprefix(f"{COLLECTION}.")
    places = {
        "module": [("modules", ROOT / "plugins/modules" / f"{short}.py"), ("roles", ROOT / "roles" / short)],
        "filter": [("filters", ROOT / "plugins/filter" / f"{short}.py")],
        "lookup": [("lookups", ROOT / "plugins/lookup" / f"{short}.py")],
        "role": [("roles", ROOT / "roles" / short)],
    }
    for folder, source in places.get(kind, []):
        if source.exists():
            return f"{folder}/{short}.md"
    return None


class Links(LinkProvider):
    """Addresses of plugins and roles, from a page one folder below docs/reference."""

    def plugin_link(self, plugin: dom.PluginIdentifier) -> str | None:
        namespace, collection, name = plugin.fqcn.split(".", 2)
        if f"{namespace}.{collection}" == COLLECTION:
            page = page_of(plugin.fqcn, plugin.type)
            if page is None:
                raise ValueError(f"the documentation names the {plugin.type} {plugin.fqcn}, which does not exist")
            return f"../{page}"
        return f"{ANSIBLE_DOCS}/{namespace}/{collection}/{name}_{plugin.type}.html"


class Markdown(Formatter):
    """Markup as Markdown that reads well in its source too."""

    def format_error(self, part: dom.ErrorPart) -> str:
        raise ValueError(part.message)

    def format_bold(self, part: dom.BoldPart) -> str:
        return f"**{escape(part.text)}**"

    def format_code(self, part: dom.CodePart) -> str:
        return code(part.text)

    def format_horizontal_line(self, part: dom.HorizontalLinePart) -> str:
        return "\n\n---\n\n"

    def format_italic(self, part: dom.ItalicPart) -> str:
        return f"*{escape(part.text)}*"

    def format_link(self, part: dom.LinkPart) -> str:
        return f"[{escape(part.text)}]({part.url})"

    def format_module(self, part: dom.ModulePart, url: str | None) -> str:
        return f"[{part.fqcn}]({url})" if url else part.fqcn

    def format_rst_ref(self, part: dom.RSTRefPart) -> str:
        return escape(part.text)

    def format_url(self, part: dom.URLPart) -> str:
        return f"<{part.url}>"

    def format_text(self, part: dom.TextPart) -> str:
        return escape(part.text)

    def format_env_variable(self, part: dom.EnvVariablePart) -> str:
        return code(part.name)

    def format_option_name(self, part: dom.OptionNamePart, url: str | None) -> str:
        return code(part.name if part.value is None else f"{part.name}={part.value}")

    def format_option_value(self, part: dom.OptionValuePart) -> str:
        return code(part.value)

    def format_plugin(self, part: dom.PluginPart, url: str | None) -> str:
        return f"[{part.plugin.fqcn}]({url})" if url else part.plugin.fqcn

    def format_return_value(self, part: dom.ReturnValuePart, url: str | None) -> str:
        return code(part.name if part.value is None else f"{part.name}={part.value}")


def markdown(text: str | Sequence[str], separator: str = "\n\n") -> str:
    """One or several paragraphs of Ansible's markup as Markdown."""
    texts = [text] if isinstance(text, str) else list(text)
    for part in texts:
        if not isinstance(part, str):
            raise ValueError(f"a description is no text: {part!r}; one that holds a colon and a space needs quotes")
    return format_paragraphs(
        parse(texts, Context(), errors="exception"),
        formatter=Markdown(),
        link_provider=Links(),
        par_sep=separator,
        par_empty="",
        postprocess_paragraph=str.strip,
    )
