package parse

// commonHeads are those that loggers of every language write. They say little, so stricter heads come before them.
var commonHeads = []string{
	"[<time>] <level> <sentence> (<Logger>)", // Kafka
	"<time> [<level>] <Logger>: <message>",   // hclog
	"<time> <level> <Logger>: <message>",     // Spark, Rust's tracing
	"<time> [<thread>] [<level>] <message>",
	"<time> [<level>] <message>",
	"<time> | <level> | <message>",
	"<time> <LEVEL> <message>",
	"<time> <LEVEL>: <message>",
	"[<time>] [<level>] <message>",
	"[<time>] <LEVEL> <message>",
	"[<level>] <time> <message>",
	"<LEVEL> <time> <message>",
	"<LEVEL>: <whole>", // which may be a sentence: the message keeps the word,
}

// hpcHeads are those of the logs of supercomputers that were published for research: Blue Gene/L's event log; Thunderbird's,
// Spirit's and Liberty's syslog with what their collector wrote before it; and the one of Los Alamos' cluster.
var hpcHeads = []string{
	"{-}{<label>} <epoch> 0000.00.00 <host> 0000-00-00-00.00.00.000000 <word> <name> <logger> <severity> <message>",
	"{-}{<label>} <epoch> 0000.00.00 <host> <date> <word> <process>[<pid>]: <message>",
	"{-}{<label>} <epoch> 0000.00.00 <host> <date> <word> <process>: <message>",
	"{-}{<label>} <epoch> 0000.00.00 <host> <date> <word> <message>",
	"<number> <host> <logger> <state> <epoch> <number> <message>",
}

// desktopHeads are those of Windows' component store, of Proxifier and of Huawei's health application.
var desktopHeads = []string{
	"<time=0000-00-00 00:00:00>, <level> <logger> <message>",
	"[<time=00.00 00:00:00>] <program> - <message>",
	"<time=00000000-0>|<logger>|<pid>|<message>",
}
