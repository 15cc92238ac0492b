package frame

import (
	"slices"
	"strings"
	"testing"
)

// TestTraces has a trace of each kind between two lines that must stay apart from it, and from each other.
func TestTraces(t *testing.T) {
	for _, c := range []struct{ name, trace string }{
		{"Java", "2026-01-02 ERROR [main] c.a.B - failed\n" + `java.lang.IllegalStateException: outer
	at com.acme.A.run(A.java:10)
	at com.acme.Main.main(Main.java:3) ~[app.jar:1.0]
	Suppressed: java.io.IOException: closing
		at com.acme.A.close(A.java:30)
Caused by: java.lang.NullPointerException: inner
	at com.acme.B.get(B.java:7)
	... 12 more
Caused by: java.lang.Error
	... 3 common frames omitted`},
		{"Java, thread", "Exception in thread \"main\" java.lang.StackOverflowError\n\tat a.B.c(B.java:1)\n\tat a.B.c(B.java:1)"},
		{"Java, nested mail", `javax.mail.SendFailedException: Sending failed;
  nested exception is:
com.sun.mail.smtp.SMTPSendFailedException: 530 no

	at com.sun.mail.smtp.SMTPTransport.x(SMTPTransport.java:1388)`},
		{"Java, frames at the margin", "java.lang.Exception: x\nat a.B.c(B.java:1)\nat a.B.d(B.java:2)"},
		{"Python", `Traceback (most recent call last):
  File "/app/main.py", line 10, in <module>
    run()
    ~~~^^
acme.errors.ValueError: bad: value`},
		{"Python, chained", `Traceback (most recent call last):
  File "a.py", line 1, in f
KeyError: 'x'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "a.py", line 3, in f
RuntimeError

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "a.py", line 5, in f
ValueError: z`},
		{"Python, group", `  + Exception Group Traceback (most recent call last):
  |   File "a.py", line 1, in <module>
  | ExceptionGroup: eg (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | ValueError: 1
    +------------------------------------`},
		{"Go, panic", `panic: runtime error: invalid memory address or nil pointer dereference
[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x45]

goroutine 1 [running]:
main.(*T).do(...)
	/src/main.go:5
main.main()
	/src/main.go:9 +0x1d

goroutine 18 gp=0xc0001 m=nil [chan receive]:
main.F[go.shape.int](0x1, {0x2, 0x3})
	/src/x.go:7 +0x85
created by main.main in goroutine 1
	/src/main.go:8 +0x25`},
		{"Go, fatal", `runtime: goroutine stack exceeds 1000000000-byte limit
runtime: sp=0xc0200e0390 stack=[0xc0200e0000, 0xc0400e0000]
fatal error: stack overflow

runtime stack:
runtime.throw({0x46, 0xe})
	/go/src/runtime/panic.go:1101 +0x71

goroutine 1 [running]:
main.f()
	/src/main.go:3 +0x26
...additional frames elided...`},
		{"Go, SIGQUIT", "SIGQUIT: quit\nPC=0x46 m=0 sigcode=0\n\ngoroutine 1 [select]:\nmain.main()\n\t/m.go:1 +0x1\n\nrax    0x0\nrip    0x46f1e1"},
		{"Go, recovered", "2026/01/02 03:04:05 recovered: boom\ngoroutine 7 [running]:\nruntime/debug.Stack()\n\t/go/debug.go:26 +0x5e"},
		{".NET", `Unhandled exception. System.InvalidOperationException: outer
 ---> System.ArgumentException: inner
   at Acme.B.Get() in /src/B.cs:line 3
   --- End of inner exception stack trace ---
   at Acme.A.Run() in /src/A.cs:line 5
--- End of stack trace from previous location ---
   at Acme.Main(String[] args)`},
		{"V8", "TypeError: Cannot read properties of undefined (reading 'x')\n    at Object.<anonymous> (/app/a.js:1:7)\n    at node:internal/main:1 {\n  code: 'E'\n}"},
		{"Node, uncaught", "/app/a.js:3\n    throw new Error('boom');\n    ^\n\nError: boom\n    at Object.<anonymous> (/app/a.js:3:11)\n\nNode.js v22.1.0"},
		{"Ruby", "a.rb:18:in `thrower': oops (RuntimeError)\n\tfrom a.rb:14:in `caller'\n\tfrom a.rb:21:in `<main>'"},
		{"Rails", " ActionController::RoutingError (No route matches [GET] \"/x\"):\n  \n  actionpack (7.0) lib/a.rb:63:in `call'"},
		{"Rails, frames at the margin", "ActionView::Template::Error (oops):\n    1: <%= x %>\n  \napp/views/x.rb:1:in `x'\nlib/y.rb:2:in `y'"},
		{"PHP", "PHP Fatal error:  Uncaught Exception: a in /a.php:3\nStack trace:\n#0 /a.php(7): f()\n#1 {main}\n\nNext RuntimeException: b in /a.php:9\nStack trace:\n#0 {main}\n  thrown in /a.php on line 9"},
		{"PHP, its own log", "[02-Jan-2026 03:04:05 UTC] PHP Warning:  x in /a.php on line 3\n[02-Jan-2026 03:04:05 UTC] PHP Stack trace:\n[02-Jan-2026 03:04:05 UTC] PHP   1. {main}() /a.php:0\n[02-Jan-2026 03:04:05 UTC] PHP   2. f() /a.php:7"},
		{"PHP, Laravel", "[2026-01-02 03:04:05] local.ERROR: x {\"exception\":\"[object] (E(code: 0): x at /a.php:1)\n[stacktrace]\n#0 /b.php(1): f()\n#1 {main}\n\"} "},
		{"Rust", "thread 'main' panicked at src/main.rs:2:5:\nindex out of bounds\nstack backtrace:\n   0: rust_begin_unwind\n             at /rustc/x/std.rs:1:2\nnote: Some details are omitted"},
		{"Rust, before 1.73", "thread 'main' panicked at 'boom', src/main.rs:2:5\nnote: run with `RUST_BACKTRACE=1` environment variable to display a backtrace"},
		{"Dart", "Unhandled exception:\nFormatException: Invalid number (at character 1)\nEXCEPTION\n^\n\n#0      int.parse (dart:core)\n#1      main (file:///a.dart:1)\n<asynchronous suspension>\n#2      x (y)"},
		{"indented", "settings:\n  a: 1\n    b: 2\n\n  c: 3"},
	} {
		const line = "This is not an exception."
		want := []string{line, c.trace, line, line}
		if before, trace, found := strings.Cut(c.trace, "\njava.lang."); found && strings.HasPrefix(before, "2026") {
			want = []string{line, before, "java.lang." + trace, line, line}
		}
		got := texts(whole(t, Config{Multiline: auto}, line+"\n"+c.trace+"\n"+line+"\n"+line+"\n"))
		if !slices.Equal(got, want) {
			t.Errorf("%s:\ngot  %q\nwant %q", c.name, got, want)
		}
	}
}

// TestNoTraces has lines that stay apart.
func TestNoTraces(t *testing.T) {
	for _, lines := range [][]string{
		{"a", "", "", "b", ""},
		{" all lines", " begin with", " a blank"},
		{"at last we are there", "goroutines are cheap", "Caused by nothing", "# 1 is a comment", "panic: no stack", "created by us"},
		{"Unhandled exception:x", "a", "b"},
		{"Traceback (most recent call last):", "not a frame", "x"},
		{"}", "]", "<html>", "--- a/file", "... and so on"},
		{"head", "", " indented behind a blank line"},
	} {
		got := texts(whole(t, Config{Multiline: auto}, strings.Join(lines, "\n")+"\n"))
		if !slices.Equal(got, lines) {
			t.Errorf("got  %q\nwant %q", got, lines)
		}
	}
}
