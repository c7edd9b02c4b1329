package config_test

import (
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/config"
)

func TestValidate_NetworkThatDoesNotFit_IsRefused(t *testing.T) {
	isolated := config.Network{Placement: config.Isolated, Zones: 2, Egress: config.NATGateway, FlowLogs: config.AllFlows}
	for name, tc := range map[string]struct {
		stage, field, says string
		breakIt            func(*config.Config, *config.Network)
	}{
		"no placement":                 {"prod", "Controls.Network.Placement", "outside-vpc", func(_ *config.Config, n *config.Network) { n.Placement = "" }},
		"zones outside a VPC":          {"prod", "Controls.Network", "no VPC", func(_ *config.Config, n *config.Network) { *n = config.Network{Placement: config.OutsideVPC, Zones: 2} }},
		"egress outside a VPC":         {"dev", "Controls.Network", "no VPC", func(_ *config.Config, n *config.Network) { n.Placement = config.OutsideVPC }},
		"no zone":                      {"dev", "Controls.Network.Zones", "1 to 4", func(_ *config.Config, n *config.Network) { n.Zones = 0 }},
		"five zones":                   {"dev", "Controls.Network.Zones", "1 to 4", func(_ *config.Config, n *config.Network) { n.Zones = 5 }},
		"one zone in prod":             {"prod", "Controls.Network.Zones", "at least 2", func(_ *config.Config, n *config.Network) { n.Zones = 1 }},
		"no egress":                    {"dev", "Controls.Network.Egress", "hosts outside AWS", func(_ *config.Config, n *config.Network) { n.Egress = "" }},
		"a gateway per zone, one zone": {"dev", "Controls.Network.Egress", "use nat-gateway", func(_ *config.Config, n *config.Network) { n.Zones, n.Egress = 1, config.NATGatewayPerZone }},
		"KMS without its endpoint":     {"dev", "Controls.Network.WithoutEndpoint", "nearly every function", func(_ *config.Config, n *config.Network) { n.WithoutEndpoint = []config.Endpoint{"kms"} }},
		"AWS by IPv6": {"dev", "Controls.Network.WithoutEndpoint", "no IPv6", func(_ *config.Config, n *config.Network) {
			n.Egress, n.WithoutEndpoint = config.IPv6Egress, []config.Endpoint{config.SESEndpoint}
		}},
		"no flow logs":        {"dev", "Controls.Network.FlowLogs", "rejected", func(_ *config.Config, n *config.Network) { n.FlowLogs = "" }},
		"spans to a provider": {"dev", "Traces.Endpoint", "outside AWS", func(c *config.Config, _ *config.Network) { c.Traces.Endpoint = "https://otlp.example.com" }},
	} {
		t.Run(name, func(t *testing.T) {
			c, network := MustLoad(t, tc.stage), isolated
			tc.breakIt(&c, &network)
			c.Controls.Network = network
			found := problems(t, c.Validate())
			if len(found) != 1 || found[0].Field != tc.field || !strings.Contains(found[0].Message, tc.says) {
				t.Errorf("got %v, want one of %s with %q", found, tc.field, tc.says)
			}
		})
	}
}

func TestValidate_EachEgress_IsAccepted(t *testing.T) {
	for _, egress := range []config.Egress{config.NATGatewayPerZone, config.NATGateway, config.NATInstance, config.IPv6Egress} {
		c := MustLoad(t, "prod")
		c.Controls.Network = config.Network{Placement: config.Isolated, Zones: 2, Egress: egress, FlowLogs: config.RejectedFlows}
		if err := c.Validate(); err != nil {
			t.Errorf("%s: %v", egress, err)
		}
	}
}
