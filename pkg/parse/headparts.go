package parse

// headParts are the names that may stand between < and > in a head. Most become fields of ECS.
var headParts = map[string]part{
	"time":     {does: timePart, name: []byte("timestamp")},
	"mmdd":     {does: glogTimePart, name: []byte("timestamp")},
	"epoch":    {does: epochPart, name: []byte("timestamp")},
	"seconds":  {does: secondsPart, name: []byte("took_seconds")}, // event.duration
	"took":     {does: wordPart, name: []byte("took")},
	"millis":   {does: secondsPart, name: []byte("took_ms")},
	"clock":    {does: clockPart},
	"level":    {does: levelPart, name: nameLevel},
	"LEVEL":    {does: upperPart, name: nameLevel},
	"letter":   {does: letterPart, name: nameLevel},
	"message":  {does: messagePart, name: nameMessage},
	"whole":    {does: wholePart, name: nameMessage},
	"sentence": {does: sentencePart, name: nameMessage},

	"logger":    {does: namePart, name: nameLogger},
	"Logger":    {does: loggerPart, name: nameLogger},
	"component": {does: wordPart, name: []byte("log.logger")},
	"category":  {does: textPart, name: []byte("log.logger")},
	"file":      {does: namePart, name: []byte("log.origin.file.name")},
	"line":      {does: numberPart, name: []byte("log.origin.file.line")},
	"function":  {does: namePart, name: []byte("log.origin.function")},
	"thread":    {does: textPart, name: []byte("process.thread.name")},
	"Thread":    {does: wordPart, name: []byte("process.thread.name")},
	"tid":       {does: numberPart, name: []byte("process.thread.id")},
	"pid":       {does: numberPart, name: []byte("process.pid")},
	"process":   {does: programPart, name: []byte("process.name")},
	"program":   {does: textPart, name: []byte("process.name")},
	"Process":   {does: namePart, name: []byte("process.name")},
	"service":   {does: textPart, name: []byte("service.name")},
	"app":       {does: namePart, name: []byte("service.name")},
	"node":      {does: textPart, name: []byte("service.node.name")},
	"trace":     {does: hexPart, name: []byte("trace.id")},
	"span":      {does: hexPart, name: []byte("span.id")},
	"code":      {does: wordPart, name: []byte("event.code")},
	"action":    {does: wordPart, name: []byte("event.action")},
	"host":      {does: wordPart, name: []byte("host.hostname")},
	"address":   {does: wordPart, name: []byte("source.address")},
	"port":      {does: numberPart, name: []byte("source.port")},
	"user":      {does: wordPart, name: []byte("user.name")},
	"request":   {does: wordPart, name: []byte("http.request.id")},
	"method":    {does: wordPart, name: []byte("http.request.method")},
	"url":       {does: wordPart, name: []byte("url.original")},
	"http":      {does: wordPart, name: []byte("http.version")},
	"status":    {does: numberPart, name: []byte("http.response.status_code")},
	"bytes":     {does: numberPart, name: []byte("http.response.body.bytes")},
	"execution": {does: wordPart, name: []byte("faas.execution")},
	"source":    {does: pathPart, name: []byte("labels.source")},
	"state":     {does: wordPart, name: []byte("labels.state")},
	"context":   {does: textPart, name: []byte("labels.context")},
	"database":  {does: wordPart, name: []byte("postgresql.log.database")},
	"label":     {does: namePart, name: []byte("labels.alert")},
	"ndc":       {does: wordPart, name: []byte("labels.context")},
	"location":  {does: lastTextPart, name: []byte("process.thread.name")},
	"severity":  {does: namePart, name: nameLevel},
	"role":      {does: namePart, name: []byte("redis.log.role")},
	"File":      {does: pathPart, name: []byte("log.origin.file.name")},
	"eventid":   {does: numberPart, name: []byte("event.code")},

	"date":   {does: timePart},
	"word":   {does: wordPart},
	"name":   {does: namePart},
	"number": {does: numberPart},
	"text":   {does: textPart},
	"since":  {does: clockPart}, // seconds since the program's start

	"redis":        {does: wordsPart, name: nameLevel, words: redisLevels},
	"mysql":        {does: wordsPart, name: nameLevel, words: mysqlLevels},
	"postgres":     {does: wordsPart, name: nameLevel, words: postgresLevels},
	"postgresnote": {does: wordsPart, name: nameLevel, words: postgresNotes},
	"dotnet":       {does: wordsPart, name: nameLevel, words: dotnetLevels},
	"php":          {does: wordsPart, name: nameLevel, words: phpLevels},
}

var (
	nameLogger = []byte("log.logger")
)

// beginsName and inName are what names of loggers, files and functions consist of: Java's packages, C++'s and Rust's paths,
// Python's modules, `Foo#bar`, `<init>`, and any letter beyond ASCII.
var beginsName, inName = func() (begins, in [256]bool) {
	for i := range in {
		c := byte(i)
		begins[i] = isLetter(c) || c == '_' || c == '/' || c == '$' || c == '<' || c == '.' || c == '\\' || c >= 0x80
		in[i] = begins[i] || isDigit(c) || c == '-' || c == ':' || c == '#' || c == '@' || c == '+' || c == '*' || c == '>' || c == '~'
	}
	return begins, in
}()

// isLogger reports the name of a logger.
func (p *part) isLogger() bool { return p.name != nil && &p.name[0] == &nameLogger[0] }

// isLoggerName reports a name that no word of running text has: one of several parts, or in camel case.
func isLoggerName(name []byte) bool {
	for i := 1; i < len(name); i++ {
		switch c := name[i]; {
		case i+1 == len(name):
		case c == '.' || c == '/' || c == '_' || c == '$' || c == '-':
			return isLetter(name[i+1]) || name[i+1] == '_'
		case c == ':' && name[i+1] == ':':
			return true
		}
		if isUpper(name[i]) && !isUpper(name[i-1]) && isLetter(name[i-1]) {
			return true
		}
	}
	return false
}
