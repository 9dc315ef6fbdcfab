package config_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/govkpi/govkpi/config"
)

const notifySection = `notify:
  schedule: "30 8 * * *"
  working_days_only: true
  chronic_after_days: 14
  when_nothing: silent
  link: https://kpi.example.gov.cn/
  forget_after: 3d
  retry: {backoff: 30s, longest: 10m, window: 12h}
  channels:
    - name: nanchang
      kind: wecom
      wecom: {url: "${CIVIL_AFFAIRS_URL}", format: markdown}
    - name: mail
      kind: email
      email: {host: mail.example, port: 587, tls: starttls, from: kpi@example.gov.cn, user: kpi, password_file: /run/secrets/grid-office}
  routes:
    - regions: ["360100", 江西省]
      channel: nanchang
      mention: [zhangsan]
    - channel: mail
      to: [a@example.gov.cn]
`

func TestLoadNotify(t *testing.T) {
	if load(t, tree(t)).Notify != nil {
		t.Error("nobody is to be told, and yet there is a section")
	}
	c := load(t, with(tree(t), "catalogue/notify.yaml", notifySection))
	want := &config.Notify{
		Schedule: "30 8 * * *", WorkingDaysOnly: true, ChronicAfterDays: 14, Link: "https://kpi.example.gov.cn/", ForgetAfter: 72 * time.Hour,
		Retry:    config.NotifyRetry{Backoff: 30 * time.Second, Longest: 10 * time.Minute, Window: 12 * time.Hour},
		Channels: []config.Channel{{Name: "nanchang", Kind: "wecom"}, {Name: "mail", Kind: "email"}},
		Routes: []config.Route{
			{Regions: []string{"360100", "360000"}, Channel: "nanchang", Mention: []string{"zhangsan"}},
			{Channel: "mail", To: []string{"a@example.gov.cn"}},
		},
	}
	ignore := cmp.Options{
		cmpopts.IgnoreFields(config.Notify{}, "Block"), cmpopts.IgnoreFields(config.Channel{}, "Block", "Options"), cmpopts.IgnoreFields(config.Route{}, "Block"),
	}
	if diff := cmp.Diff(want, c.Notify, ignore); diff != "" {
		t.Errorf("notify (-want +got):\n%s", diff)
	}
	if password, err := c.Notify.Channels[1].Options.Secret("password"); password != fileURL || err != nil {
		t.Errorf("password %q, %v", password, err)
	}
	if got := c.Secrets.Redact("password " + fileURL); got != "password [redacted]" {
		t.Errorf("shown as %q", got)
	}
}
