package parse

// facilityOf is the code of a facility by the word that syslog.conf(5) has for it; -1 for none.
func facilityOf(word []byte) int {
	switch string(word) {
	case "kern":
		return 0
	case "user":
		return 1
	case "mail":
		return 2
	case "daemon":
		return 3
	case "auth", "security":
		return 4
	case "syslog":
		return 5
	case "lpr":
		return 6
	case "news":
		return 7
	case "uucp":
		return 8
	case "cron":
		return 9
	case "authpriv":
		return 10
	case "ftp":
		return 11
	}
	if len(word) == len("local0") && string(word[:5]) == "local" && word[5]-'0' < 8 {
		return 16 + int(word[5]-'0')
	}
	return -1
}

// severityOf is the code of a severity by its word; -1 for none.
func severityOf(word []byte) int {
	switch string(word) {
	case "emerg", "panic":
		return 0
	case "alert":
		return 1
	case "crit":
		return 2
	case "err", "error":
		return 3
	case "warning", "warn":
		return 4
	case "notice":
		return 5
	case "info":
		return 6
	case "debug":
		return 7
	}
	return -1
}
