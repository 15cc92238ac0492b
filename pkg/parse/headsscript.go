package parse

// pythonHeads are those of the module logging as its documentation and the usual programs configure it.
var pythonHeads = []string{
	`[<time>] \{<file>:<line>} <level> - <message>`, // Airflow
	"[<time>: <level>/<process>] <message>",         // Celery
	"[<time>] [<pid>] [<level>] <message>",          // Gunicorn
	"<LEVEL>:<logger>:<message>",                    // basicConfig
	"<LEVEL> <time> <logger> <pid> <tid> <message>", // Django, verbose
	"[<LEVEL>:<logger>] <word>:<line> <time>: <message>",
	"<time> - <logger> - <level> - <message>",
	"<time> - <level> - <Logger> - <message>",
	"<time> - <level> - <message>",
	"<time>:<level>:<logger>:<message>",
	"<time> | <level> | <logger>:<function>:<line> - <message>", // Loguru
	"<time> [<category>:<line>{ }][<level>]{[<pid>]} <message>", // Salt
	"<time> [<logger>] <level>: <message>",                      // Scrapy
	"<time> - <file>[<level>]: <message>",                       // cloud-init
	"<time> p=<pid> u=<user> {n=<logger> }| <message>",          // Ansible
	"<time> <logger> [<pid>]: <level> <message>",                // fail2ban
	"<time> <pid> <level> <database> <Logger>: <message>",       // Odoo
	// OpenStack's oslo.log
	"{<source> }<time> <pid> <level> <logger> [<request> <context>] <message>",
	"{<source> }<time> <pid> <level> <logger> [-] <message>",
	"{<source> }<time> <pid> <level> <Logger> <message>",
}

// rubyHeads are those of Ruby's Logger, which Rails, Unicorn and Puma use, of Sidekiq and of Passenger.
var rubyHeads = []string{
	"<letter>, [<time> #<pid>] <word> -- {<category>}: <message>",
	"<time> pid=<pid> tid=<thread> class=<logger> jid=<code> <LEVEL>: <message>",
	"<time> pid=<pid> tid=<thread> class=<logger> jid=<code> <context> <LEVEL>: <message>",
	"<time> pid=<pid> tid=<thread> <LEVEL>: <message>",
	"<time> <pid> TID-<code> <LEVEL>: <message>",
	"[ <letter> <time> <pid>/<word> <file>:<line> ]: <message>",
}

// phpHeads are those of Monolog, which Symfony and Laravel use, of PHP itself and of PHP-FPM.
var phpHeads = []string{
	"[<time>] PHP <php>: <message>",
	"[<time>] <category>.<LEVEL>: <message>",
	"[<time>] <LEVEL>: <message>",
}

// phpLevels are the words of PHP for the kinds of errors of its own.
var phpLevels = []saidLevel{
	{"Fatal error", levelFatal}, {"Recoverable fatal error", levelError}, {"Catchable fatal error", levelError},
	{"Parse error", levelFatal}, {"Warning", levelWarn}, {"Notice", levelOf([]byte("notice"))},
	{"Deprecated", levelOf([]byte("notice"))}, {"Strict Standards", levelOf([]byte("notice"))},
}
