package parse

// postgresHeads are PostgreSQL's with log_line_prefix as it comes, as Red Hat, Debian and Amazon set it, and as pgBadger asks for.
var postgresHeads = []string{
	"<time=0000-00-00 00:00:00 UTC>:<address>(<port>):<user>@<database>:[<pid>]:<postgres>: <message>",
	"<time=0000-00-00 00:00:00 UTC>:<address>(<port>):<user>@<database>:[<pid>]:<postgresnote><message>",
	"\\< <time> ><postgres>: <message>",
	"\\< <time> ><postgresnote><message>",
	"<time> [<pid>]: [<number>-1] user=<user>,db=<database>,app=<context>,client=<address> <postgres>: <message>",
	"<time> [<pid>]: [<number>-1] user=<user>,db=<database>,client=<address> <postgres>: <message>",
	"<time> [<pid>]: [<number>-1] user=<user>,db=<database> <postgres>: <message>",
	"<time> [<pid>{-<number>}] {<user>@<database> }<postgres>: <message>",
	"<time> [<pid>{-<number>}] {<user>@<database> }<postgresnote><message>",
}

var postgresLevels = []saidLevel{
	{"LOG", levelOf([]byte("log"))}, {"ERROR", levelError}, {"WARNING", levelOf([]byte("warning"))}, {"FATAL", levelFatal},
	{"PANIC", levelOf([]byte("panic"))}, {"NOTICE", levelOf([]byte("notice"))}, {"INFO", levelInfo},
	{"DEBUG1", levelOf([]byte("debug1"))}, {"DEBUG2", levelOf([]byte("debug2"))}, {"DEBUG3", levelOf([]byte("debug3"))},
	{"DEBUG4", levelOf([]byte("debug4"))}, {"DEBUG5", levelOf([]byte("debug5"))}, {"DEBUG", levelDebug},
}

// postgresNotes begin lines that belong to the one before.
var postgresNotes = []saidLevel{{word: "STATEMENT:"}, {word: "DETAIL:"}, {word: "HINT:"}, {word: "CONTEXT:"}, {word: "QUERY:"}, {word: "LOCATION:"}}

// mysqlHeads are those of the error logs of MySQL 8, 5.7, 5.6 and 5.5 and of MariaDB, and of the general log.
var mysqlHeads = []string{
	"<time> <tid> [<mysql>] [<code>] [<logger>] <message>",
	"<time> {<tid> }[<mysql>] <message>",
	"<time> <tid> <action>\t<message>",
	// the slow query log, whose events have several lines
	"# Time: <time>\n# User@Host: <user>[<name>] @ <host> [{<address>}] Id: <tid>\n# Query_time: <seconds> <whole>",
	"# Time: <time>\n# User@Host: <user>[<name>] @ [<address>] Id: <tid>\n# Query_time: <seconds> <whole>",
	"# User@Host: <user>[<name>] @ <host> [{<address>}] Id: <tid>\n# Query_time: <seconds> <whole>",
	"# User@Host: <user>[<name>] @ [<address>] Id: <tid>\n# Query_time: <seconds> <whole>",
	"# Time: <time> <whole>",
	"# User@Host: <user>[<name>] @ <host> [{<address>}] Id: <tid> <whole>",
	"# User@Host: <user>[<name>] @ [<address>] Id: <tid> <whole>",
	"# Query_time: <seconds> <whole>",
}

// mysqlLevels are its words; System is what an operator has to know, as the server's start.
var mysqlLevels = []saidLevel{
	{"System", levelOf([]byte("notice"))}, {"Note", levelOf([]byte("note"))}, {"Warning", levelOf([]byte("warning"))},
	{"ERROR", levelError}, {"Error", levelError},
}

// redisHeads are those of Redis, Sentinel and Valkey, and of Redis before 3.
var redisHeads = []string{
	"<pid>:<role> <time> <redis> <message>",
	"[<pid>] <time> <redis> <message>",
}

// redisLevels are its marks for debug, verbose, notice and warning.
var redisLevels = []saidLevel{
	{".", levelDebug}, {"-", levelOf([]byte("verbose"))}, {"*", levelOf([]byte("notice"))}, {"#", levelOf([]byte("warning"))},
}
