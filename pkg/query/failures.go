package query

// Failures is the query for documents that say that something went wrong: those of a level of error or worse, with event.outcome
// failure, or with an HTTP status of 500 or more. The page, 'tailspan why' and Kibana's dashboards count by it; which levels
// there are is what event.FailureLevel says of a line.
const Failures = "log.level:(error or err or fatal or critical or crit or severe or alert or emergency or emerg or panic)" +
	" or event.outcome:failure or http.response.status_code >= 500"
