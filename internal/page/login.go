package page

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"strings"
	"time"
)

const (
	cookie    = "tailspan"
	remembers = 30 * 24 * time.Hour
	maxForm   = 4 << 10 // bytes of a login
)

// known lets in who knows the token. With none, everybody is let in who can reach a server on loopback, and nobody else.
func (p *page) known(next http.Handler) http.Handler {
	if p.Token == "" {
		if isLoopback(p.Listen) {
			return next
		}
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			refuse(w, http.StatusForbidden, "the page is not shown beyond loopback without a token; write http: {token: ...} into the configuration, or listen on 127.0.0.1")
		})
	}
	var key [32]byte
	_, _ = rand.Read(key[:]) // never fails
	mac := hmac.New(sha256.New, key[:])
	_, _ = mac.Write([]byte(p.Token))
	session := hex.EncodeToString(mac.Sum(nil))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodPost && r.URL.Path == "/login":
			p.login(w, r, session)
		case p.knows(r, session), isPublic[r.URL.Path]:
			next.ServeHTTP(w, r)
		case strings.HasPrefix(r.URL.Path, "/api/"):
			w.Header().Set("WWW-Authenticate", "Bearer")
			refuse(w, http.StatusUnauthorized, "the token is missing or wrong; send Authorization: Bearer TOKEN")
		default:
			w.Header().Set("Cache-Control", "no-store")
			http.ServeFileFS(w, r, embedded, "assets/login.html")
		}
	})
}

// isPublic are the files that the login needs.
var isPublic = map[string]bool{"/style.css": true, "/theme.js": true, "/login.js": true, "/icon.svg": true}

// knows reports whether the request has the token, or the cookie that was given for it.
func (p *page) knows(r *http.Request, session string) bool {
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return same(token, p.Token)
	}
	c, err := r.Cookie(cookie)
	return err == nil && same(c.Value, session)
}

// login gives a cookie for the token. Lax lets links from elsewhere, as from a chat, lead to a view; what scripts of other sites ask is
// refused by its origin.
func (p *page) login(w http.ResponseWriter, r *http.Request, session string) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if !fromHere(r) {
		refuse(w, http.StatusForbidden, "another site asks")
		return
	}
	if !same(r.PostFormValue("token"), p.Token) {
		refuse(w, http.StatusUnauthorized, "that is not the token")
		return
	}
	// #nosec G124 -- the agent itself speaks HTTP, over which a browser would not send back a Secure cookie
	http.SetCookie(w, &http.Cookie{Name: cookie, Value: session, Path: "/", MaxAge: int(remembers.Seconds()), HttpOnly: true, SameSite: http.SameSiteLaxMode})
	w.WriteHeader(http.StatusNoContent)
}

// same compares in a time that does not tell how much is right.
func same(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}
