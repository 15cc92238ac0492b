package parse

// serverHeads are those of servers that have one way to write: Squid's native access log, uWSGI's requests, CUPS' error log,
// Gin, ClickHouse, Envoy and what else uses spdlog, functions of AWS Lambda, Katello, and Erlang before its logger, as RabbitMQ had it.
var serverHeads = []string{
	"<epoch=.> <millis> <address> <action>/<status> <bytes> <method> <url> - <whole>",
	"<epoch=.> <millis> <address> <action>/<status> <bytes> <method> <url> <user> <whole>",
	`[pid: <pid>|app: <word>|req: <word>] <address> (<user>) \{<text>} [<time>] <method> <url> => generated <bytes> bytes in <millis> msecs (HTTP/<http> <status>) <whole>`,
	"[GIN] <time> | <status> | <took> | <address> | <method> \"<url>\"<whole>",
	"<letter> [<time>] <message>",
	`<time> [ <tid> ] \{<context>} \<<level>> <category>: <message>`,
	"[<time>][<tid>][<level>][<category>] [<file>:<line>] <message>",
	"[<time>] [<logger>] [<level>] <message>",
	"<time>\t<execution>\t<LEVEL>\t<message>",
	"[<level> <time> <logger> #<pid>] <message>",
	"[<level> <time> <logger> ] <message>",
	"=<LEVEL> REPORT==== <time> ===<whole>",
}

// vmwareHeads are those of ESXi, its kernel and vCenter, with a time and, behind syslog's header, without one.
var vmwareHeads = []string{
	"{<time> }[<Thread> <level> '<category>'{ <context>}] <message>",
	"{<time> }<level> <Process>[<Thread>] [Originator@<whole>",
	"{<time> }cpu<number>:<tid>{ opID=<context>})<LEVEL>: <message>",
	"{<time> }cpu<number>:<tid>{ opID=<context>})<message>",
}
