package parse

// javaHeads are those of log4j, logback and java.util.logging as the usual programs configure them.
var javaHeads = []string{
	// Spring Boot: its own pattern, with Micrometer's ids from 3 on and Sleuth's before
	"<time> <level> <pid> --- [<thread>] [<trace>-<span>] <logger> : <message>",
	"<time> <level> <pid> --- [<service>] [<thread>] [<trace>-<span>] <logger> : <message>",
	"<time> <level> <pid> --- [<service>] [<thread>] [ ] <logger> : <message>",
	"<time> <level> <pid> --- [<service>] [<thread>] <logger> : <message>",
	"<time> <level> <pid> --- [<thread>] <logger> : <message>",
	"<time> <level> [<app>,<trace>,<span>{,<name>}] <pid> --- [<thread>] <logger> : <message>",
	"<time> <level> [<app>,<trace>,<span>{,<name>}] [<thread>] <logger> - <message>",
	"<time> [<thread>] <level> [<app>,<trace>,<span>{,<name>}] <logger> - <message>",
	"<time> <level> [<app>,<trace>,<span>{,<name>}] <message>",
	"<time> <level> [<service>] [<trace>-<span>] <message>",
	// Zookeeper
	"<time> {[<text>] }- <level> [<location>:<logger>@<line>] - <message>",
	// Elasticsearch and Logstash
	"[<time>][<level>][<category>] [<node>] <message>",
	"[<time>][<level>][<category>]{[<thread>]} <message>",
	// Hadoop with the place in the source, as its tests and JobHistory have it
	"<time> <level> [<thread>] <logger> (<file>:<function>(<line>)) - <message>",
	"<time> <level> <logger> (<file>:<function>(<line>)) - <message>",
	// JBoss, WildFly, Quarkus
	"<time> <level> [<category>] (<thread>) <message>",
	"<clock> <level> [<category>] (<thread>) <message>",
	// Jenkins
	"<time> [id=<tid>] <level> <logger>: <message>",
	// Cassandra
	"<level> [<thread>] <time> <file>:<line> - <message>",
	"<level> [<thread>] <time> <file> (line <line>) <message>",
	// Akka
	"[<level>] [<time>] [<thread>] [<category>] <message>",
	// log4j, logback, log4net
	"<time> <level> [<thread>] <logger>:<line> - <message>",
	"<time> <level> [<thread>] <logger>{ [<context>]} - <message>",
	"<time> [<thread>] <level> <logger>{ [<context>]} - <message>",
	"<time> [<thread>] <level> <logger> <ndc> - <message>",
	"<time> <level> [<thread>] <Logger>: <message>",
	"<time> [<thread>] <level> <Logger>: <message>",
	"<time> <level> [<thread>] <Logger> <message>",
	"<time> [<thread>] <level> <Logger> <message>",
	// HDFS and Spark as they come
	"<time=000000 000000> <pid> <level> <logger>: <message>",
	"<time=00/00/00 00:00:00> <level> <logger>: <message>",
	"<time> <level> <logger>:<line> - <message>",
	"<time> <level> <logger>{ [<thread>]} - <message>",
	"<clock> [<thread>] <level> <logger> -{-} <message>",
	"<since> [<thread>] <level> <logger> - <message>",
	"<since> [<thread>] <level> <logger> <ndc> - <message>",
	"[<time>] [<thread>] <level> <logger> - <message>",
	"[<time>] <level> <logger>: <message>",
	"[<time>] <level> <logger> - <message>",
	// java.util.logging in two lines
	"<time> <Logger> <function>\n<LEVEL>: <message>",
}
