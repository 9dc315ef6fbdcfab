package sqlquery

import (
	"strings"
	"testing"
)

func TestLocate(t *testing.T) {
	tests := map[string]struct {
		url  string
		want string // where it is, or a part of the error
	}{
		"PostgreSQL":                      {"postgres://u:p@db.example:6543/civil?sslmode=disable", "db.example:6543/civil"},
		"PostgreSQL, defaults":            {"postgresql://u:p@db.example/civil", "db.example:5432/civil"},
		"PostgreSQL, socket":              {"postgres://u:p@/civil?host=/run/postgresql", "/run/postgresql:5432/civil"},
		"PostgreSQL, tls":                 {"postgres://u:p@db.example/civil?sslmode=maybe", "the parameters of the URL are wrong: sslmode is invalid"},
		"PostgreSQL, target":              {"postgres://u:p@db.example/civil?target_session_attrs=none", "wrong host, port or parameter"},
		"PostgreSQL, sslpassword":         {"postgres://u:p@db.example/civil?sslmode=maybe&sslpassword=x", "wrong host, port or parameter"},
		"PostgreSQL, password":            {"postgres://db.example/civil?Password=x", "the URL has the password among its parameters"},
		"PostgreSQL, an @ too many":       {"postgres://u:p@q@db.example/civil", "write %40 for @"},
		"PostgreSQL, a / in the password": {"postgres://u:1/p@db.example/civil", "write %40 for @"},
		"MySQL":                           {"mysql://u:p@db.example:3307/civil", "db.example:3307/civil"},
		"MariaDB, defaults":               {"mariadb://u:p@db.example/civil?tls=true", "db.example:3306/civil"},
		"MySQL, IPv6":                     {"mysql://u:p@[::1]/civil", "[::1]:3306/civil"},
		"MySQL, socket":                   {"mysql://u:p@/civil?socket=/run/mysqld/mysqld.sock", "/run/mysqld/mysqld.sock/civil"},
		"MySQL, no host":                  {"mysql:///civil", "the URL names no host"},
		"MySQL, no slashes":               {"mysql:civil", "the URL has no // behind its scheme"},
		"MySQL, parameter":                {"mysql://u:p@db.example/civil?parseTime=true", `unknown parameter "parseTime"; there are tls and socket`},
		"MySQL, tls":                      {"mysql://u:p@db.example/civil?tls=maybe", "the parameters of the URL are wrong"},
		"SQLite":                          {"sqlite:///var/lib/a%20b.db", "/var/lib/a b.db"},
		"SQLite, relative":                {"sqlite:data/a%20b.db", "data/a b.db"},
		"SQLite, rooted":                  {"sqlite:/data/a.db", "/data/a.db"},
		"SQLite, host":                    {"sqlite://data/a.db", "the URL names a host; write sqlite:///absolute/path with three slashes"},
		"SQLite, memory":                  {"sqlite::memory:", "the URL names no file"},
		"SQLite, nothing":                 {"sqlite:", "the URL names no file"},
		"SQLite, parameter":               {"sqlite:///a.db?mode=rwc", "the URL has parameters"},
		"SQLite, percent":                 {"sqlite:///100%.db", "write %25 for %"},
		"SQLite, percent too":             {"sqlite:100%.db", "write %25 for %"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			d, ok := driverOf(test.url)
			if !ok {
				t.Fatal("no driver")
			}
			s, err := d.locate(test.url)
			if err != nil {
				if !strings.Contains(err.Error(), test.want) {
					t.Errorf("error %q, want %q in it", err, test.want)
				}
				return
			}
			if s.where != test.want {
				t.Errorf("got %q, want %q", s.where, test.want)
			}
		})
	}
}

func TestRedactor(t *testing.T) {
	redact := redactor([]string{"p@ss word/1", "", "zz"})
	tests := map[string]string{
		"dial p@ss word/1 failed":                      "dial *** failed",
		"parse \"mysql://u:p%40ss%20word%2F1@h/db\"":   `parse "mysql://u:***@h/db"`,
		"query password=p%40ss+word%2F1":               "query password=***",
		"first try:\n\tno\nsecond try:\n\tpassword zz": "first try: no; second try: password ***",
		"nothing to hide":                              "nothing to hide",
	}
	for text, want := range tests {
		if got := redact(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// A password that nobody escaped may be cut anywhere by whoever reads the URL.
func FuzzLocateShowsNoPassword(f *testing.F) {
	for _, part := range []string{"", "@", "/", "?", "#", ":", "%", "%zz", "1/", "@h/", "@h?a=", "@h:1/", "[", "\n", "x y", "&password=", "?password="} {
		f.Add(part, "")
		f.Add("", part)
		f.Add(part, part)
		f.Add(part, "0")
	}
	const secret = "hunter2"
	f.Fuzz(func(t *testing.T, before, after string) {
		for _, scheme := range []string{"postgres", "mysql"} {
			d, _ := driverOf(scheme + ":")
			urls := []string{
				scheme + "://user:" + before + secret + after + "@127.0.0.1:1/db",
				scheme + "://user@127.0.0.1:1/db?password=" + before + secret + after,
			}
			if scheme == "postgres" {
				urls = append(urls, "postgres://user@127.0.0.1:1/db?sslmode=disable&sslpassword="+before+secret+after)
			}
			for _, url := range urls {
				s, err := d.locate(url)
				if err != nil && strings.Contains(err.Error(), secret) {
					t.Errorf("%q: the error %q shows the password", url, err)
				}
				if strings.Contains(s.where, secret) {
					t.Errorf("%q: %q shows the password", url, s.where)
				}
			}
		}
	})
}
