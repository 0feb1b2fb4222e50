"""What every page shares: layouts (`shared/desk.html`, `phone.html`, `public.html`, `sign_in.html`, `error.html`),
components (`templates/cotton`, written `<c-state kind="ok">已到账</c-state>`), template tags and static files.

A page reads `{% extends "shared/desk.html" %}{% block title %}…{% block crumbs %}…{% block main %}…`.
The layouts read from the context processor, always present (None or () when there is nothing):
`today` (date, None on an error page); `demo` (None or `.at`, `.can_move`); `nav` (sections with `.title` and
`.items`; an item has `.label`, `.href`, `.icon`, `.count`, `.late`); `account` (None or `.name`, `.duty`, `.office`);
`find_href` (search or None); and the url names `home`, `sign-in`, `sign-out`, `text-size`, in a demo
`demo-clock-next-workday`, `demo-clock-next-due`. A new icon is named where it is used; then `make vendor` draws it.
"""
