-- SPDX-License-Identifier: MIT
-- url. The tables were written by Node 20; what the URL Standard has changed since (`^` in a path) stands in tests of its own.
local test = require "../support/test"
local url = require "url"
local URL, URLSearchParams = url.URL, url.URLSearchParams

-- {input, base or false, href or false when it is refused, origin}
local parsed = {
  { 'http://example.com/a/../b/./c?x=1#f', false, 'http://example.com/b/c?x=1#f', 'http://example.com' },
  { 'HTTP://User:P%40ss@EXAMPLE.com:80/%7Efoo/../bar', false, 'http://User:P%40ss@example.com/bar', 'http://example.com' },
  { 'https://a@b@c/', false, 'https://a%40b@c/', 'https://c' },
  { 'http://[::1]:8080/x', false, 'http://[::1]:8080/x', 'http://[::1]:8080' },
  { 'http://[2001:db8:0:0:1:0:0:1]/', false, 'http://[2001:db8::1:0:0:1]/', 'http://[2001:db8::1:0:0:1]' },
  { 'http://[::ffff:1.2.3.4]/', false, 'http://[::ffff:102:304]/', 'http://[::ffff:102:304]' },
  { 'http://0x7f.1/', false, 'http://127.0.0.1/', 'http://127.0.0.1' },
  { 'http://256.1/', false, false, nil },
  { 'http://1.2.3.4.5/', false, false, nil },
  { 'http://a b/', false, false, nil },
  { 'http://a%20b/', false, false, nil },
  { 'file:///C|/x/../y', false, 'file:///C:/y', 'null' },
  { 'file://localhost/etc/passwd', false, 'file:///etc/passwd', 'null' },
  { 'file:a', false, 'file:///a', 'null' },
  { 'file:///a//b', false, 'file:///a//b', 'null' },
  { 'mailto:me@x.org', false, 'mailto:me@x.org', 'null' },
  { 'data:text/plain,hi there?q#f ', false, 'data:text/plain,hi there?q#f', 'null' },
  { 'javascript:alert(1)', false, 'javascript:alert(1)', 'null' },
  { 'x:/a/../b', false, 'x:/b', 'null' },
  { 'x://h/a/../b', false, 'x://h/b', 'null' },
  { 'x://h?q', false, 'x://h?q', 'null' },
  { 'x:', false, 'x:', 'null' },
  { '//nope', false, false, nil },
  { 'http:///x/y', false, 'http://x/y', 'http://x' },
  { 'http:x/y', false, 'http://x/y', 'http://x' },
  { 'http:\\\\\\\\a\\\\b', false, 'http://a//b', 'http://a' },
  { 'https://ex.com:443/', false, 'https://ex.com/', 'https://ex.com' },
  { 'https://ex.com:99999/', false, false, nil },
  { 'https://ex.com:/', false, 'https://ex.com/', 'https://ex.com' },
  { 'https://ex.com:8a/', false, false, nil },
  { 'http://h/p a"b<c>`{}|?a b\'"<>`#a b`', false, 'http://h/p%20a%22b%3Cc%3E%60%7B%7D|?a%20b%27%22%3C%3E`#a%20b%60', 'http://h' },
  { 'http://h/%zz%41%2e%2E/x', false, 'http://h/%zz%41%2e%2E/x', 'http://h' },
  { 'http://h?', false, 'http://h/?', 'http://h' },
  { 'http://h#', false, 'http://h/#', 'http://h' },
  { 'ws://h:80/', false, 'ws://h/', 'ws://h' },
  { 'blob:https://a.com/uuid', false, 'blob:https://a.com/uuid', 'https://a.com' },
  { 'non-special:opaque path  ', false, 'non-special:opaque path', 'null' },
  { 'non-special://h:99/p', false, 'non-special://h:99/p', 'null' },
  { 'http://a.b.c./', false, 'http://a.b.c./', 'http://a.b.c.' },
  { 'http://-a_b.c/', false, 'http://-a_b.c/', 'http://-a_b.c' },
  { 'http://host|x/', false, false, nil },
  { 'http://127.1.', false, 'http://127.0.0.1/', 'http://127.0.0.1' },
  { 'http://4294967295/', false, 'http://255.255.255.255/', 'http://255.255.255.255' },
  { 'http://4294967296/', false, false, nil },
  { 'http://08/', false, false, nil },
  { 'http://0./', false, 'http://0.0.0.0/', 'http://0.0.0.0' },
  { 'ftp://u:@h/', false, 'ftp://u@h/', 'ftp://h' },
  { 'http://:p@h/', false, 'http://:p@h/', 'http://h' },
  { 'http://u@/', false, false, nil },
  { 'http://@h/', false, 'http://h/', 'http://h' },
  { '../x', 'http://a/b/c/d?q#f', 'http://a/b/x', 'http://a' },
  { '?z', 'http://a/b/c/d?q#f', 'http://a/b/c/d?z', 'http://a' },
  { '#z', 'http://a/b/c/d?q#f', 'http://a/b/c/d?q#z', 'http://a' },
  { '', 'http://a/b/c/d?q#f', 'http://a/b/c/d?q', 'http://a' },
  { '//h/x', 'https://a/b', 'https://h/x', 'https://h' },
  { '/x/y', 'https://a:8/b', 'https://a:8/x/y', 'https://a:8' },
  { 'x', 'mailto:a', false, nil },
  { '#x', 'mailto:a', 'mailto:a#x', 'null' },
  { '\\x\\y', 'http://a/b', 'http://a/x/y', 'http://a' },
  { './..', 'http://a/b/c/', 'http://a/b/', 'http://a' },
  { '/C:/x', 'file:///D:/y', 'file:///C:/x', 'null' },
  { 'x', 'file:///D:/y', 'file:///D:/x', 'null' },
  { '../..', 'file:///C:/', 'file:///C:/', 'null' },
  { 'x', 'non://h/a/b', 'non://h/a/x', 'null' },
  { '..', 'non:/a/b', 'non:/', 'null' },
  { 'https:x', 'https://h/a/b', 'https://h/a/x', 'https://h' },
  { 'https:/x', 'https://h/a/b', 'https://h/x', 'https://h' },
  { 'http:x', 'https://h/a/b', 'http://x/', 'http://x' },
}

-- {base, field, value, href}
local assigned = {
  { 'http://u:p@h:8080/p?q#f', 'protocol', 'ftp', 'ftp://u:p@h:8080/p?q#f' },
  { 'http://u:p@h:8080/p?q#f', 'protocol', 'foo' },
  { 'http://u:p@h:8080/p?q#f', 'protocol', 'https:x', 'https://u:p@h:8080/p?q#f' },
  { 'http://u:p@h:8080/p?q#f', 'username', 'a b', 'http://a%20b:p@h:8080/p?q#f' },
  { 'http://u:p@h:8080/p?q#f', 'password', 'p@', 'http://u:p%40@h:8080/p?q#f' },
  { 'http://u:p@h:8080/p?q#f', 'host', 'x:81', 'http://u:p@x:81/p?q#f' },
  { 'http://u:p@h:8080/p?q#f', 'host', 'x:80', 'http://u:p@x/p?q#f' },
  { 'http://u:p@h:8080/p?q#f', 'host', 'x:9z', 'http://u:p@x:9/p?q#f' },
  { 'http://u:p@h:8080/p?q#f', 'host', '' },
  { 'http://u:p@h:8080/p?q#f', 'hostname', 'y:1' },
  { 'http://u:p@h:8080/p?q#f', 'hostname', '[::1]', 'http://u:p@[::1]:8080/p?q#f' },
  { 'http://u:p@h:8080/p?q#f', 'port', '90', 'http://u:p@h:90/p?q#f' },
  { 'http://u:p@h:8080/p?q#f', 'port', '80', 'http://u:p@h/p?q#f' },
  { 'http://u:p@h:8080/p?q#f', 'port', 'x' },
  { 'http://u:p@h:8080/p?q#f', 'port', '9x', 'http://u:p@h:9/p?q#f' },
  { 'http://u:p@h:8080/p?q#f', 'port', '', 'http://u:p@h/p?q#f' },
  { 'http://u:p@h:8080/p?q#f', 'port', '70000' },
  { 'http://u:p@h:8080/p?q#f', 'pathname', 'a b/../c?d#e', 'http://u:p@h:8080/c%3Fd%23e?q#f' },
  { 'http://u:p@h:8080/p?q#f', 'pathname', '', 'http://u:p@h:8080/?q#f' },
  { 'http://u:p@h:8080/p?q#f', 'search', '?a b', 'http://u:p@h:8080/p?a%20b#f' },
  { 'http://u:p@h:8080/p?q#f', 'search', '', 'http://u:p@h:8080/p#f' },
  { 'http://u:p@h:8080/p?q#f', 'hash', '#x y', 'http://u:p@h:8080/p?q#x%20y' },
  { 'http://u:p@h:8080/p?q#f', 'hash', '', 'http://u:p@h:8080/p?q' },
  { 'http://u:p@h:8080/p?q#f', 'href', 'http://n/', 'http://n/' },
  { 'http://u:p@h:8080/p?q#f', 'host', 'a/b', 'http://u:p@a:8080/p?q#f' },
  { 'http://u:p@h:8080/p?q#f', 'host', 'a?b', 'http://u:p@a:8080/p?q#f' },
  { 'foo://h/p', 'protocol', 'ftp' },
  { 'foo://h/p', 'protocol', 'foo' },
  { 'foo://h/p', 'protocol', 'https:x' },
  { 'foo://h/p', 'username', 'a b', 'foo://a%20b@h/p' },
  { 'foo://h/p', 'password', 'p@', 'foo://:p%40@h/p' },
  { 'foo://h/p', 'host', 'x:81', 'foo://x:81/p' },
  { 'foo://h/p', 'host', 'x:80', 'foo://x:80/p' },
  { 'foo://h/p', 'host', 'x:9z', 'foo://x:9/p' },
  { 'foo://h/p', 'host', '', 'foo:///p' },
  { 'foo://h/p', 'hostname', 'y:1' },
  { 'foo://h/p', 'hostname', '[::1]', 'foo://[::1]/p' },
  { 'foo://h/p', 'port', '90', 'foo://h:90/p' },
  { 'foo://h/p', 'port', '80', 'foo://h:80/p' },
  { 'foo://h/p', 'port', 'x' },
  { 'foo://h/p', 'port', '9x', 'foo://h:9/p' },
  { 'foo://h/p', 'port', '' },
  { 'foo://h/p', 'port', '70000' },
  { 'foo://h/p', 'pathname', 'a b/../c?d#e', 'foo://h/c%3Fd%23e' },
  { 'foo://h/p', 'pathname', '', 'foo://h' },
  { 'foo://h/p', 'search', '?a b', 'foo://h/p?a%20b' },
  { 'foo://h/p', 'search', '' },
  { 'foo://h/p', 'hash', '#x y', 'foo://h/p#x%20y' },
  { 'foo://h/p', 'hash', '' },
  { 'foo://h/p', 'href', 'http://n/', 'http://n/' },
  { 'foo://h/p', 'host', 'a/b', 'foo://a/p' },
  { 'foo://h/p', 'host', 'a?b', 'foo://a/p' },
  { 'mailto:x', 'protocol', 'ftp' },
  { 'mailto:x', 'protocol', 'foo', 'foo:x' },
  { 'mailto:x', 'protocol', 'https:x' },
  { 'mailto:x', 'username', 'a b' },
  { 'mailto:x', 'password', 'p@' },
  { 'mailto:x', 'host', 'x:81' },
  { 'mailto:x', 'host', 'x:80' },
  { 'mailto:x', 'host', 'x:9z' },
  { 'mailto:x', 'host', '' },
  { 'mailto:x', 'hostname', 'y:1' },
  { 'mailto:x', 'hostname', '[::1]' },
  { 'mailto:x', 'port', '90' },
  { 'mailto:x', 'port', '80' },
  { 'mailto:x', 'port', 'x' },
  { 'mailto:x', 'port', '9x' },
  { 'mailto:x', 'port', '' },
  { 'mailto:x', 'port', '70000' },
  { 'mailto:x', 'pathname', 'a b/../c?d#e' },
  { 'mailto:x', 'pathname', '' },
  { 'mailto:x', 'search', '?a b', 'mailto:x?a%20b' },
  { 'mailto:x', 'search', '' },
  { 'mailto:x', 'hash', '#x y', 'mailto:x#x%20y' },
  { 'mailto:x', 'hash', '' },
  { 'mailto:x', 'href', 'http://n/', 'http://n/' },
  { 'mailto:x', 'host', 'a/b' },
  { 'mailto:x', 'host', 'a?b' },
  { 'file:///x/y', 'protocol', 'ftp' },
  { 'file:///x/y', 'protocol', 'foo' },
  { 'file:///x/y', 'protocol', 'https:x' },
  { 'file:///x/y', 'username', 'a b' },
  { 'file:///x/y', 'password', 'p@' },
  { 'file:///x/y', 'host', 'x:81' },
  { 'file:///x/y', 'host', 'x:80' },
  { 'file:///x/y', 'host', 'x:9z' },
  { 'file:///x/y', 'host', '' },
  { 'file:///x/y', 'hostname', 'y:1' },
  { 'file:///x/y', 'hostname', '[::1]', 'file://[::1]/x/y' },
  { 'file:///x/y', 'port', '90' },
  { 'file:///x/y', 'port', '80' },
  { 'file:///x/y', 'port', 'x' },
  { 'file:///x/y', 'port', '9x' },
  { 'file:///x/y', 'port', '' },
  { 'file:///x/y', 'port', '70000' },
  { 'file:///x/y', 'pathname', 'a b/../c?d#e', 'file:///c%3Fd%23e' },
  { 'file:///x/y', 'pathname', '', 'file:///' },
  { 'file:///x/y', 'search', '?a b', 'file:///x/y?a%20b' },
  { 'file:///x/y', 'search', '' },
  { 'file:///x/y', 'hash', '#x y', 'file:///x/y#x%20y' },
  { 'file:///x/y', 'hash', '' },
  { 'file:///x/y', 'href', 'http://n/', 'http://n/' },
  { 'file:///x/y', 'host', 'a/b', 'file://a/x/y' },
  { 'file:///x/y', 'host', 'a?b', 'file://a/x/y' },
}

-- {text, slashesDenoteHost, {fields}}
local legacy = {
  { 'http://u:p@Host.com:8080/p/a/t/h?query=string#hash', false, { protocol = 'http:', slashes = true, auth = 'u:p', host = 'host.com:8080', port = '8080', hostname = 'host.com', hash = '#hash', search = '?query=string', query = 'query=string', pathname = '/p/a/t/h', path = '/p/a/t/h?query=string', href = 'http://u:p@host.com:8080/p/a/t/h?query=string#hash' } },
  { 'http://u:p@Host.com:8080/p/a/t/h?query=string#hash', true, { protocol = 'http:', slashes = true, auth = 'u:p', host = 'host.com:8080', port = '8080', hostname = 'host.com', hash = '#hash', search = '?query=string', query = 'query=string', pathname = '/p/a/t/h', path = '/p/a/t/h?query=string', href = 'http://u:p@host.com:8080/p/a/t/h?query=string#hash' } },
  { '/a/b?c=d', false, { search = '?c=d', query = 'c=d', pathname = '/a/b', path = '/a/b?c=d', href = '/a/b?c=d' } },
  { '/a/b?c=d', true, { search = '?c=d', query = 'c=d', pathname = '/a/b', path = '/a/b?c=d', href = '/a/b?c=d' } },
  { '//h/x', false, { pathname = '//h/x', path = '//h/x', href = '//h/x' } },
  { '//h/x', true, { slashes = true, host = 'h', hostname = 'h', pathname = '/x', path = '/x', href = '//h/x' } },
  { 'mailto:a@b.c', false, { protocol = 'mailto:', auth = 'a', host = 'b.c', hostname = 'b.c', href = 'mailto:a@b.c' } },
  { 'mailto:a@b.c', true, { protocol = 'mailto:', auth = 'a', host = 'b.c', hostname = 'b.c', href = 'mailto:a@b.c' } },
  { 'javascript:alert("x")', false, { protocol = 'javascript:', pathname = 'alert("x")', path = 'alert("x")', href = 'javascript:alert("x")' } },
  { 'javascript:alert("x")', true, { protocol = 'javascript:', pathname = 'alert("x")', path = 'alert("x")', href = 'javascript:alert("x")' } },
  { 'http://h', false, { protocol = 'http:', slashes = true, host = 'h', hostname = 'h', pathname = '/', path = '/', href = 'http://h/' } },
  { 'http://h', true, { protocol = 'http:', slashes = true, host = 'h', hostname = 'h', pathname = '/', path = '/', href = 'http://h/' } },
  { 'x', false, { pathname = 'x', path = 'x', href = 'x' } },
  { 'x', true, { pathname = 'x', path = 'x', href = 'x' } },
  { '', false, { href = '' } },
  { '', true, { href = '' } },
  { '?q', false, { search = '?q', query = 'q', path = '?q', href = '?q' } },
  { '?q', true, { search = '?q', query = 'q', path = '?q', href = '?q' } },
  { '#h', false, { hash = '#h', href = '#h' } },
  { '#h', true, { hash = '#h', href = '#h' } },
  { 'http://a b/c', false, { protocol = 'http:', slashes = true, host = 'a', hostname = 'a', pathname = '%20b/c', path = '%20b/c', href = 'http://a/%20b/c' } },
  { 'http://a b/c', true, { protocol = 'http:', slashes = true, host = 'a', hostname = 'a', pathname = '%20b/c', path = '%20b/c', href = 'http://a/%20b/c' } },
  { 'file:///etc/p', false, { protocol = 'file:', slashes = true, host = '', hostname = '', pathname = '/etc/p', path = '/etc/p', href = 'file:///etc/p' } },
  { 'file:///etc/p', true, { protocol = 'file:', slashes = true, host = '', hostname = '', pathname = '/etc/p', path = '/etc/p', href = 'file:///etc/p' } },
  { 'http:/x', false, { protocol = 'http:', pathname = '/x', path = '/x', href = 'http:/x' } },
  { 'http:/x', true, { protocol = 'http:', pathname = '/x', path = '/x', href = 'http:/x' } },
  { 'HTTP://H:80', false, { protocol = 'http:', slashes = true, host = 'h:80', port = '80', hostname = 'h', pathname = '/', path = '/', href = 'http://h:80/' } },
  { 'HTTP://H:80', true, { protocol = 'http:', slashes = true, host = 'h:80', port = '80', hostname = 'h', pathname = '/', path = '/', href = 'http://h:80/' } },
  { 'http://[::1]:80/x', false, { protocol = 'http:', slashes = true, host = '[::1]:80', port = '80', hostname = '::1', pathname = '/x', path = '/x', href = 'http://[::1]:80/x' } },
  { 'http://[::1]:80/x', true, { protocol = 'http:', slashes = true, host = '[::1]:80', port = '80', hostname = '::1', pathname = '/x', path = '/x', href = 'http://[::1]:80/x' } },
  { 'a/b c', false, { pathname = 'a/b%20c', path = 'a/b%20c', href = 'a/b%20c' } },
  { 'a/b c', true, { pathname = 'a/b%20c', path = 'a/b%20c', href = 'a/b%20c' } },
  { 'http://h/a\\b?c\\d', false, { protocol = 'http:', slashes = true, host = 'h', hostname = 'h', search = '?c%5Cd', query = 'c%5Cd', pathname = '/a/b', path = '/a/b?c%5Cd', href = 'http://h/a/b?c%5Cd' } },
  { 'http://h/a\\b?c\\d', true, { protocol = 'http:', slashes = true, host = 'h', hostname = 'h', search = '?c%5Cd', query = 'c%5Cd', pathname = '/a/b', path = '/a/b?c%5Cd', href = 'http://h/a/b?c%5Cd' } },
  { 'xmpp:user@host', false, { protocol = 'xmpp:', auth = 'user', host = 'host', hostname = 'host', href = 'xmpp:user@host' } },
  { 'xmpp:user@host', true, { protocol = 'xmpp:', auth = 'user', host = 'host', hostname = 'host', href = 'xmpp:user@host' } },
  { 'http://u@x@y/', false, { protocol = 'http:', slashes = true, auth = 'u@x', host = 'y', hostname = 'y', pathname = '/', path = '/', href = 'http://u%40x@y/' } },
  { 'http://u@x@y/', true, { protocol = 'http:', slashes = true, auth = 'u@x', host = 'y', hostname = 'y', pathname = '/', path = '/', href = 'http://u%40x@y/' } },
  { 'http://h?x#y', false, { protocol = 'http:', slashes = true, host = 'h', hostname = 'h', hash = '#y', search = '?x', query = 'x', pathname = '/', path = '/?x', href = 'http://h/?x#y' } },
  { 'http://h?x#y', true, { protocol = 'http:', slashes = true, host = 'h', hostname = 'h', hash = '#y', search = '?x', query = 'x', pathname = '/', path = '/?x', href = 'http://h/?x#y' } },
  { 'http://h;a/b', false, { protocol = 'http:', slashes = true, host = 'h', hostname = 'h', pathname = ';a/b', path = ';a/b', href = 'http://h/;a/b' } },
  { 'http://h;a/b', true, { protocol = 'http:', slashes = true, host = 'h', hostname = 'h', pathname = ';a/b', path = ';a/b', href = 'http://h/;a/b' } },
  { 'dot.test:foo/bar', false, { protocol = 'dot.test:', host = 'foo', hostname = 'foo', pathname = '/bar', path = '/bar', href = 'dot.test:foo/bar' } },
  { 'dot.test:foo/bar', true, { protocol = 'dot.test:', host = 'foo', hostname = 'foo', pathname = '/bar', path = '/bar', href = 'dot.test:foo/bar' } },
  { 'git+http://u@h/r.git', false, { protocol = 'git+http:', slashes = true, auth = 'u', host = 'h', hostname = 'h', pathname = '/r.git', path = '/r.git', href = 'git+http://u@h/r.git' } },
  { 'git+http://u@h/r.git', true, { protocol = 'git+http:', slashes = true, auth = 'u', host = 'h', hostname = 'h', pathname = '/r.git', path = '/r.git', href = 'git+http://u@h/r.git' } },
}

-- {from, to, result}
local resolved = {
  { '/one/two/three', 'four', '/one/two/four' },
  { 'http://example.com/', '/one', 'http://example.com/one' },
  { 'http://example.com/one', '/two', 'http://example.com/two' },
  { 'http://a/b/c', '../d', 'http://a/d' },
  { 'http://a/b/c', '../../../d', 'http://a/d' },
  { 'http://a/b/c', '?x', 'http://a/b/c?x' },
  { 'http://a/b/c', '#x', 'http://a/b/c#x' },
  { 'http://a/b/c', '', 'http://a/b/c' },
  { 'http://a/b/c', '//h/y', 'http://h/y' },
  { 'http://a/b', 'https://z/q', 'https://z/q' },
  { 'http://a/b', 'mailto:x@y', 'mailto:x@y' },
  { 'a/b', '../../c', '../c' },
  { '.', 'x', 'x' },
  { 'mailto:a@b', 'c@d', 'mailto:c@d' },
  { 'http://a/b/', '.', 'http://a/b/' },
  { 'http://a/b/c', '..', 'http://a/' },
  { 'http://u:p@a/b', '/c', 'http://u:p@a/c' },
  { 'http://u:p@a/b', '//z/c', 'http://z/c' },
  { '/a/', '..//b', '//b' },
  { 'fred:///s//a/b/c', '../../../g', 'fred:///s/g' },
  { 'http://a/b', 'http:c', 'http://a/c' },
  { 'foo:a/b', '../c', 'foo:c' },
}

test("parsing and serializing, as Node", function(t)
  for _, case in ipairs(parsed) do
    local label = case[1] .. " on " .. tostring(case[2])
    local ok, u = pcall(URL, case[1], case[2] or nil)
    if case[3] then
      t:ok(ok, label)
      t:equal(u.href, case[3], label)
      t:equal(u.origin, case[4], label)
      t:equal(URL(u.href).href, u.href, label)
    else
      t:no(ok, label)
      t:equal(u.code, "ERR_INVALID_URL", label)
    end
    t:equal(URL.canParse(case[1], case[2] or nil), case[3] ~= false, label)
  end
end)

test("assigning parts, as Node", function(t)
  for _, case in ipairs(assigned) do
    local u = URL(case[1])
    u[case[2]] = case[3]
    t:equal(u.href, case[4] or case[1], case[1] .. " " .. case[2] .. "=" .. case[3])
  end
  local u = URL "http://h/"
  t:throws(function() u.href = "nope" end, "ERR_INVALID_URL")
  t:equal(u.href, "http://h/")
  u.port = 81
  t:equal(u.host, "h:81")
end)

test("what is no URL is told with the input and the base", function(t)
  local e = t:throws(function() URL "http://exa mple.com/" end, "ERR_INVALID_URL")
  t:equal(e.message, "Invalid URL")
  t:equal(e.input, "http://exa mple.com/")
  t:equal(e.base, nil)
  for _, case in ipairs { { "x", "y" }, { "http://:80", "http://h/" } } do
    e = t:throws(function() URL(case[1], case[2]) end, "ERR_INVALID_URL")
    t:equal(e.input, case[1])
    t:equal(e.base, case[2])
    t:equal(URL.canParse(case[1], case[2]), false)
    t:equal(URL.parse(case[1], case[2]), nil)
  end
  t:equal(URL.parse("x", "http://h/y").href, "http://h/x")
  t:ok(URL:is(URL.parse "http://h/"))
  t:throws(function() URL.parse() end, "ERR_MISSING_ARGS")
  t:throws(function() URL.canParse() end, "ERR_MISSING_ARGS")
  t:throws(function() URL.prototype.toString {} end, "ERR_INVALID_THIS")
end)

test("text that is not ASCII, or not text, is percent-encoded", function(t)
  t:equal(URL("http://h/ä?ö#ü").href, "http://h/%C3%A4?%C3%B6#%C3%BC")
  t:equal(URL("http://h/\255?\237\160\128#\192\128").href, "http://h/%EF%BF%BD?%EF%BF%BD#%EF%BF%BD%EF%BF%BD")
  t:equal(URL(" \t\0ht\ntp:/\r/h/a\tb \n").href, "http://h/ab")
  local u = URL "http://h/"
  u.username, u.hash = "\237\160\128\t", "\255\n"
  t:equal(u.href, "http://%EF%BF%BD%09@h/#%EF%BF%BD")
  t:equal(URL("http://h/a^b").pathname, "/a%5Eb")
  t:equal(URL("data:x  ?q").href, "data:x %20?q")
end)

test("a subclass of URL", function(t)
  local Sub = URL:extend "Sub"
  local u = Sub("/x?a=1", "http://h/")
  t:equal(u.pathname, "/x")
  t:equal(u.searchParams:get "a", "1")
  t:match(require("util").inspect(u), "^Sub {\n")
  t:ok(URL:is(u))
end)

test("a URL as text, in JSON and in inspect", function(t)
  local u = URL "http://h/p?q=1#f"
  t:equal(tostring(u), u.href)
  t:equal(u:toString(), u.href)
  t:equal(u:toJSON(), u.href)
  t:equal(URL("x", u).href, "http://h/x")
  t:match(require("util").inspect(u), "^URL {\n  href: 'http://h/p%?q=1#f',\n  origin: 'http://h',\n  protocol: 'http:',\n")
  t:throws(function() URL() end, "ERR_MISSING_ARGS")
end)

local SHOWN = [[URL {
  href: 'https://a:b@x.y:8/p?q=1&r=%20#h',
  origin: 'https://x.y:8',
  protocol: 'https:',
  username: 'a',
  password: 'b',
  host: 'x.y:8',
  hostname: 'x.y',
  port: '8',
  pathname: '/p',
  search: '?q=1&r=%20',
  searchParams: URLSearchParams { 'q' => '1', 'r' => ' ' },
  hash: '#h'
}]]

test("inspect, as Node", function(t)
  local inspect = require("util").inspect
  local u = URL "https://a:b@x.y:8/p?q=1&r=%20#h"
  t:equal(inspect(u), SHOWN)
  t:equal(inspect { u = u }, "{\n  u: " .. SHOWN:gsub("\n", "\n  ") .. "\n}")
  t:equal(inspect { a = { b = { u = u } } }, "{ a: { b: { u: URL {} } } }")
  t:equal(inspect(u, { breakLength = math.huge }), (SHOWN:gsub("\n *", " ")))
  local p = u.searchParams
  t:equal(inspect { p = p }, "{ p: URLSearchParams { 'q' => '1', 'r' => ' ' } }")
  t:equal(inspect(p, { colors = true }), "URLSearchParams { \27[32m'q'\27[39m => \27[32m'1'\27[39m, \27[32m'r'\27[39m => \27[32m' '\27[39m }")
  t:equal(inspect(URLSearchParams()), "URLSearchParams {}")
  t:equal(inspect(URLSearchParams(("a"):rep(40) .. "=" .. ("b"):rep(40) .. "&c=d")),
    "URLSearchParams {\n  '" .. ("a"):rep(40) .. "' => '" .. ("b"):rep(40) .. "',\n  'c' => 'd' }")
  t:equal(inspect(p:keys()), "URLSearchParams Iterator { 'q', 'r' }")
  t:equal(inspect(p:entries()), "URLSearchParams Iterator { [ 'q', '1' ], [ 'r', ' ' ] }")
  t:equal(inspect(p:values()), "URLSearchParams Iterator { '1', ' ' }")
end)

test("searchParams and search follow each other", function(t)
  local u = URL "http://h/?a=1"
  u.searchParams:append("b", "2 3")
  t:equal(u.href, "http://h/?a=1&b=2+3")
  t:equal(u.searchParams, u.searchParams)
  u.search = "?z"
  t:equal(u.searchParams:toString(), "z=")
  u.searchParams:delete "z"
  t:equal(u.href, "http://h/")
  u.href = "http://n/?k=v"
  t:equal(u.searchParams:get "k", "v")
end)

test("URLSearchParams: every way to make one", function(t)
  t:equal(URLSearchParams("?a=1&b=%20x+y&&c&=d"):toString(), "a=1&b=+x+y&c=&=d")
  t:equal(URLSearchParams { b = 2, a = "1" }:toString(), "a=1&b=2")
  t:equal(URLSearchParams { { "b", 2 }, { "a", 1 } }:toString(), "b=2&a=1")
  t:equal(URLSearchParams(URLSearchParams "x=y"):toString(), "x=y")
  t:equal(URLSearchParams():toString(), "")
  t:throws(function() URLSearchParams { { "a" } } end, "ERR_INVALID_TUPLE")
  t:throws(function() URLSearchParams { "a" } end, "ERR_INVALID_TUPLE")
  t:throws(function() URLSearchParams { { "a", "b", "c" } } end, "ERR_INVALID_TUPLE")
  t:equal(URLSearchParams(5):toString(), "5=")
  t:equal(URLSearchParams(""):toString(), "")
  t:equal(URLSearchParams "??a=b":toString(), "%3Fa=b")
  t:equal(URLSearchParams(URLSearchParams("x=y&z=%26"):entries()):toString(), "x=y&z=%26")
  t:equal(URLSearchParams("a=%zz%4&b=%ff%C3%A9&c=+%2B&\255=\237\160\128"):toString(), "a=%25zz%254&b=%EF%BF%BD%C3%A9&c=+%2B&%EF%BF%BD=%EF%BF%BD")
  t:equal(URLSearchParams(require("lunode.internal.value_classes").Map { { "z", 1 }, { "a", "é" } }):toString(), "z=1&a=%C3%A9")
  local first = URLSearchParams "x=y"
  local second = URLSearchParams(first)
  second:append("z", 1)
  t:equal(first:toString(), "x=y")
end)

test("URLSearchParams: methods", function(t)
  local p = URLSearchParams "a=1&b=2&a=3"
  t:equal(p:get "a", "1")
  t:equal(p:get "none", nil)
  t:deep(p:getAll "a", { "1", "3" })
  t:ok(p:has "b" and p:has("a", "3") and not p:has("a", "2") and not p:has "c")
  t:equal(p.size, 3)
  p:set("a", 9)
  t:equal(tostring(p), "a=9&b=2")
  p:set("c", true)
  p:append("b", nil)
  t:equal(p:toString(), "a=9&b=2&c=true&b=undefined")
  p:delete("b", "2")
  p:sort()
  t:equal(p:toString(), "a=9&b=undefined&c=true")
  p:delete "a"
  local seen = {}
  for k, v in p:iter() do seen[#seen + 1] = k .. "=" .. v end
  for k in p:keys() do seen[#seen + 1] = k end
  for v in p:values() do seen[#seen + 1] = v end
  p:forEach(function(v, k, params) seen[#seen + 1] = k .. v .. tostring(params == p) end)
  t:equal(table.concat(seen, " "), "b=undefined c=true b c undefined true bundefinedtrue ctruetrue")
  t:equal(URLSearchParams { k = "é ~*-._()!'" }:toString(), "k=%C3%A9+%7E*-._%28%29%21%27")
  t:equal(require("util").inspect(URLSearchParams "a=1&b=2"), "URLSearchParams { 'a' => '1', 'b' => '2' }")
  t:throws(function() p:append "x" end, "ERR_MISSING_ARGS")
  t:throws(function() p:get() end, "ERR_MISSING_ARGS")
  t:throws(function() p:forEach(5) end, "ERR_INVALID_ARG_TYPE")
  for _, name in ipairs { "append", "delete", "get", "getAll", "has", "set", "sort", "toString", "entries", "keys", "values", "forEach" } do
    local e = t:throws(function() p[name]({}, "a", "b") end, "ERR_INVALID_THIS")
    t:equal(e.message, 'Value of "this" must be of type URLSearchParams')
  end
  for _, name in ipairs { "append", "set" } do
    local e = t:throws(function() p[name](p, "a") end, "ERR_MISSING_ARGS")
    t:equal(e.message, 'The "name" and "value" arguments must be specified')
  end
end)

test("URLSearchParams: sort goes by UTF-16 code units and keeps the order of equals", function(t)
  local p = URLSearchParams "ﬃ=1&🌈=2&b=3&a=4&b=5&=6&\238\128\128=7&é=8"
  p:sort()
  local seen = {}
  for k, v in p:iter() do seen[#seen + 1] = k .. v end
  t:equal(table.concat(seen, " "), "6 a4 b3 b5 é8 🌈2 \238\128\1287 ﬃ1")
end)

test("URLSearchParams: iterators see changes, and have next", function(t)
  local p, seen = URLSearchParams "a=1&b=2&c=3", {}
  for k in p:keys() do
    seen[#seen + 1] = k
    if k == "a" then p:delete "b" end
    if k == "c" then p:append("d", 4) end
  end
  t:equal(table.concat(seen), "acd")
  local it = p:entries()
  local first = it:next()
  t:deep({ first.value[1], first.value[2], first.done }, { "a", "1", false })
  it:next()
  t:equal(it:next().done, false)
  t:equal(it:next().done, true)
  t:equal(p:values():next().value, "1")
end)

test("fileURLToPath and pathToFileURL", function(t)
  t:equal(url.fileURLToPath "file:///a%20b/%E2%82%AC", "/a b/€")
  t:equal(url.fileURLToPath(URL "file:///x"), "/x")
  t:throws(function() url.fileURLToPath "http://x/" end, "ERR_INVALID_URL_SCHEME")
  t:throws(function() url.fileURLToPath "file://host/x" end, "ERR_INVALID_FILE_URL_HOST")
  t:throws(function() url.fileURLToPath "file:///a%2fb" end, "ERR_INVALID_FILE_URL_PATH")
  t:throws(function() url.fileURLToPath(5) end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() url.fileURLToPath {} end, "ERR_INVALID_ARG_TYPE")
  t:equal(t:throws(function() url.fileURLToPath "file://host/x" end).message, 'File URL host must be "localhost" or empty on ' .. process.platform)
  t:throws(function() url.fileURLToPath "file:///a%ffb" end, { name = "URIError", message = "URI malformed" })
  t:throws(function() url.fileURLToPath "file:///a%zz" end, { name = "URIError" })
  t:throws(function() url.pathToFileURL() end, "ERR_INVALID_ARG_TYPE")
  t:equal(url.pathToFileURL("/a%\\\n\r\t?#é").href, "file:///a%25%5C%0A%0D%09%3F%23%C3%A9")
end)

test("files and URLs of Windows", function(t)
  local windows = { windows = true }
  t:equal(url.fileURLToPath("file:///C:/a/b%20c", windows), "C:\\a\\b c")
  t:equal(url.fileURLToPath("file://srv/a/b", windows), "\\\\srv\\a\\b")
  t:equal(url.fileURLToPath("file://xn--bcher-kva.de/a", windows), "\\\\bücher.de\\a")
  t:equal(t:throws(function() url.fileURLToPath("file:///C:/a%5cb", windows) end, "ERR_INVALID_FILE_URL_PATH").message,
    "File URL path must not include encoded \\ or / characters")
  t:equal(t:throws(function() url.fileURLToPath("file:///a/b", windows) end, "ERR_INVALID_FILE_URL_PATH").message, "File URL path must be absolute")
  t:equal(url.pathToFileURL("C:\\a b\\c", windows).href, "file:///C:/a%20b/c")
  t:equal(url.pathToFileURL("\\\\srv\\share\\c?#%", windows).href, "file://srv/share/c%3F%23%25")
  t:equal(url.pathToFileURL("\\\\?\\C:\\x", windows).href, "file:///C:/x")
  t:equal(url.pathToFileURL("\\\\?\\UNC\\srv\\share\\x", windows).href, "file://srv/share/x")
  t:throws(function() url.pathToFileURL("\\\\srv", windows) end, "ERR_INVALID_ARG_VALUE")
end)

test("pathToFileURL keeps the slash at the end", function(t)
  t:equal(url.pathToFileURL("/a b#?%\\€").href, "file:///a%20b%23%3F%25%5C%E2%82%AC")
  t:equal(url.pathToFileURL("x/").href, "file://" .. process.cwd() .. "/x/")
end)

test("urlToHttpOptions", function(t)
  t:deep(url.urlToHttpOptions(URL "http://u%20:p@[::1]:81/a?b#c"), { protocol = "http:", hostname = "::1", hash = "#c", search = "?b", pathname = "/a",
    path = "/a?b", href = "http://u%20:p@[::1]:81/a?b#c", port = 81, auth = "u :p" })
end)


test("format of a URL with options", function(t)
  local u = URL "http://u:p@h/x?y#z"
  t:equal(url.format(u), u.href)
  t:equal(url.format(u, { auth = false, fragment = false, search = false }), "http://h/x")
  t:equal(url.format(u, { auth = 0, search = "" }), "http://h/x#z")
  t:equal(url.format(u, {}), u.href)
  t:equal(url.format(URL "http://u@xn--lck1c3crb1723bpq4a.com:8/a?a=b#c", { unicode = true }), "http://u@理容ナカムラ.com:8/a?a=b#c")
  t:throws(function() url.format(u, 5) end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() url.format(5) end, "ERR_INVALID_ARG_TYPE")
end)

test("the older parse, as Node", function(t)
  for _, case in ipairs(legacy) do
    local u, label = url.parse(case[1], false, case[2]), case[1] .. " " .. tostring(case[2])
    for _, name in ipairs { "protocol", "slashes", "auth", "host", "port", "hostname", "hash", "search", "query", "pathname", "path", "href" } do
      t:equal(u[name], case[3][name], label .. " " .. name)
    end
  end
  t:deep(url.parse("/a?b=1&c=2", true).query, { b = "1", c = "2" })
  t:throws(function() url.parse(5) end, "ERR_INVALID_ARG_TYPE")
  -- Names as IDNA has them; tabs and line ends do not count in an authority.
  t:equal(url.parse("http://ünï.com/x").href, "http://xn--n-nga1b.com/x")
  t:equal(url.parse("http://a\194\173b.com/").hostname, "ab.com")
  t:equal(url.parse("http://☃.com:80/é?é#é").href, "http://xn--n3h.com:80/é?é#é")
  t:equal(url.parse("http://u\t@h\n/\tx").href, "http://u@h/%09x")
  t:equal(url.parse("http://1.2.3/").href, "http://1.2.3/")
  for _, bad in ipairs { "http://xn--iñvalid.com/", "http://\194\173/", "http://ẞ.com／x/", "http://xn--a/", "http://a\0b/" } do
    t:equal(t:throws(function() url.parse(bad) end, "ERR_INVALID_URL").input, bad)
  end
  t:throws(function() url.parse "http://%ff@h/" end, { name = "URIError", message = "URI malformed" })
end)

test("the older resolve and format, as Node", function(t)
  for _, case in ipairs(resolved) do t:equal(url.resolve(case[1], case[2]), case[3], case[1] .. " + " .. case[2]) end
  t:equal(url.format { protocol = "http", host = "h", pathname = "x", query = { a = 1, b = { "c", "d" } } }, "http://h/x?a=1&b=c&b=d")
  t:equal(url.format { hostname = "::1", port = 3, protocol = "http:" }, "http://[::1]:3")
  t:equal(url.format { pathname = "/a?b#c", search = "x#y", hash = "h" }, "/a%3Fb%23c?x%23y#h")
  t:equal(url.format { auth = "u:p@", host = "h", slashes = true }, "//u:p%40@h")
end)
