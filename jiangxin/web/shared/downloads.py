"""Files that people sent, handed out again: saved, never opened inside a page of ours."""

from urllib.parse import quote

from django.http import HttpResponse


def as_file(content: bytes, name: str, content_type: str) -> HttpResponse:
    """A download under its own name; a browser neither guesses another kind nor runs what stands in it."""
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    return HttpResponse(content, content_type=content_type, headers=headers)
