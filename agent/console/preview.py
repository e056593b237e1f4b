"""A message as its owner sees it, for staff (pure): text in, one page without scripts or addresses out."""

from agent.care.message import Channel, Message
from agent.console.templating import ENVIRONMENT


def preview(message: Message) -> str:
    """Return the page; the text is escaped, its blocks are parted by empty lines, headings are written large."""
    blocks = []
    for block in message.body.replace("\r\n", "\n").strip().split("\n\n"):
        first, _, rest = block.partition("\n")
        is_heading = bool(rest) and first == first.upper() and any(letter.isalpha() for letter in first)
        blocks.append((first, rest) if is_heading else ("", block))
    on_device = message.channel is Channel.DEVICE
    return ENVIRONMENT.get_template("preview.html").render(message=message, blocks=blocks, on_device=on_device)
