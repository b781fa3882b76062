"""robots.txt: what the paper asks of machines. It asks; the gate alone decides what they get."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

CLOSED = ("/desk/", "/accounts/", "/account/", "/search", "/subscribe/", "/licensed/", "/demo/")

Purpose = Literal["training", "answers"]
"""What a crawler of an AI company fetches for: to train models, or to answer with what it reads."""


class Agent(NamedTuple):
    """An AI crawler's product token (RFC 9309, 2.2.1), and where its operator tells of it."""

    token: str
    purpose: Purpose
    source: str


AS_OF = "2026-11-22"
"""When the table was put together. Tokens come and go: look at it with each release."""

OPENAI = "https://platform.openai.com/docs/bots"
ANTHROPIC = "https://support.claude.com/en/articles/8896518"
GOOGLE = "https://developers.google.com/search/docs/crawling-indexing/google-common-crawlers"
META = "https://developers.facebook.com/docs/sharing/webmasters/web-crawlers"

AGENTS = (
    Agent("AI2Bot", "training", "https://allenai.org/crawler"),
    Agent("Amazonbot", "training", "https://developer.amazon.com/amazonbot"),
    Agent("anthropic-ai", "training", ANTHROPIC),
    Agent("Applebot-Extended", "training", "https://support.apple.com/en-us/119829"),
    Agent("Bytespider", "training", "https://knownagents.com/agents/bytespider"),
    Agent("CCBot", "training", "https://commoncrawl.org/ccbot"),
    Agent("ClaudeBot", "training", ANTHROPIC),
    Agent("FacebookBot", "training", META),
    Agent("Google-Extended", "training", GOOGLE),
    Agent("GPTBot", "training", OPENAI),
    Agent("meta-externalagent", "training", META),
    Agent("webzio-extended", "training", "https://webz.io/bot"),
    Agent("ChatGPT-User", "answers", OPENAI),
    Agent("Claude-SearchBot", "answers", ANTHROPIC),
    Agent("Claude-User", "answers", ANTHROPIC),
    Agent(
        "DuckAssistBot", "answers",
        "https://duckduckgo.com/duckduckgo-help-pages/results/duckassistbot",
    ),
    Agent("Google-CloudVertexBot", "answers", GOOGLE),
    Agent("meta-externalfetcher", "answers", META),
    Agent("MistralAI-User", "answers", "https://docs.mistral.ai/robots"),
    Agent("OAI-SearchBot", "answers", OPENAI),
    Agent("Perplexity-User", "answers", "https://docs.perplexity.ai/guides/bots"),
    Agent("PerplexityBot", "answers", "https://docs.perplexity.ai/guides/bots"),
)  # fmt: skip

Shut = Literal["nobody", "training", "all"]
"""Which AI crawlers are asked to stay away."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What the publisher asks of machines.

    `licence` is the address of an RSL document, `usage` a usage preference ("train-ai=n") of
    draft-ietf-aipref-vocab-07, each "" for none.
    """

    shut: Shut = "nobody"
    licence: str = ""
    usage: str = ""


UNASKED = Terms()


def robots(origin: str, terms: Terms = UNASKED) -> bytes:
    """robots.txt (RFC 9309).

    The licence line stands before all groups and is for every crawler (RSL 1.0, "robots.txt");
    the usage preference is a rule of the group of all (draft-ietf-aipref-attach-05, section 3).
    """
    lines = [f"License: {terms.licence}", ""] if terms.licence else []
    lines += _shut_out(terms.shut)
    lines.append("User-agent: *")
    if terms.usage:
        lines.append(f"Content-Usage: {terms.usage}")
    lines += [*(f"Disallow: {path}" for path in CLOSED), ""]
    lines += [f"Sitemap: {origin}/sitemap.xml", f"Sitemap: {origin}/news-sitemap.xml", ""]
    return "\n".join(lines).encode()


def _shut_out(shut: Shut) -> list[str]:
    tokens = [agent.token for agent in AGENTS if shut == "all" or agent.purpose == shut]
    named = [f"User-agent: {token}" for token in tokens]
    return [*named, "Disallow: /", ""] if named else []
