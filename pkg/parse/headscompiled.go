package parse

// glogHeads are those of glog in C++ and Go and of Kubernetes' klog.
var glogHeads = []string{"<letter><mmdd> <tid> <file>:<line>] <message>"}

// goHeads are those of Go's log, of hclog, capnslog, Telegraf, zap's and zerolog's consoles and logrus on a terminal, of
// Rust's env_logger, and of VMware's services.
var goHeads = []string{
	"[<time> <level> <logger>] <message>",
	"<time>\t<level>\t<file>:<line>\t<message>",
	"<time>\t<level>\t<logger>\t<file>:<line>\t<message>",
	"<time>\t<level>\t<Logger>\t<message>",
	"<time>\t<level>\t<message>",
	"<time> <letter> | <logger>: <message>",
	"<time> <letter>! [<category>] <message>",
	"<time> <LEVEL> <file>:<line> \\> <message>",
	"<time> <level> <Process>[<pid>] <message>",
	"<time> <level> <Process> [<file>:<line>] <message>",
	"<time> <File>:<line>: <message>",
	"<LEVEL>[<time>] <message>",
	"<LEVEL>[<since>] <message>",
}

// dotnetHeads are those of Microsoft.Extensions.Logging on a console, NLog and Serilog.
var dotnetHeads = []string{
	"<dotnet>: <logger>[<eventid>] <message>",
	"<dotnet>: <logger>[<eventid>]\n <message>",
	"<time>|<level>|<logger>|<message>",
	"<time>|<level>|<message>",
	"[<clock> <LEVEL>] <message>",
}

// dotnetLevels are Microsoft's four letters.
var dotnetLevels = []saidLevel{
	{"trce", levelTrace}, {"dbug", levelDebug}, {"info", levelInfo}, {"warn", levelWarn}, {"fail", levelError},
	{"crit", levelOf([]byte("critical"))},
}

// logcatHeads are those of Android's logcat with its options threadtime, time, brief and of Android Studio.
var logcatHeads = []string{
	"<time=00-00 00:00:00> <pid> <tid> <letter> <category>: <message>",
	"<time=0000-00-00 00:00:00> {<user> }<pid> <tid> <letter> <category>: <message>",
	"<time=0000-00-00 00:00:00> <pid>-<tid>/<Process> <letter>/<category>: <message>",
	"<time=00-00 00:00:00> <letter>/<category>(<pid>): <message>",
	"<letter>/<category>(<pid>): <message>",
}
