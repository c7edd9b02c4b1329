package remote

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"time"

	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/local"
	"github.com/expenzez/infrastructure/test/apiclient"
	"github.com/expenzez/infrastructure/test/contract"
)

// Target is the stage under test.
type Target struct {
	*apiclient.Client
	// Config is the stage's configuration.
	Config config.Config
	// Mailbox gets the e-mails to the throw-away users. It is nil in a stage without one.
	Mailbox Mailbox
}

// Open returns the stage with the URL. root is the folder of go.mod. state is the folder
// of a local stage's engine, empty for the one of make up.
func Open(ctx context.Context, root, url, state string) (*Target, error) {
	terms, err := contract.Load(filepath.Join(root, "api", "openapi.yaml"))
	if err != nil {
		return nil, err
	}
	cfg, err := stageOf(url)
	if err != nil {
		return nil, err
	}
	target := &Target{
		Client: &apiclient.Client{URL: url, Contract: terms, HTTP: &http.Client{Timeout: 30 * time.Second}},
		Config: cfg,
	}
	target.Mailbox, err = mailboxOf(ctx, cfg, state)
	return target, err
}

// stageOf returns the configuration of the stage that clients call at the URL.
func stageOf(url string) (config.Config, error) {
	for _, name := range config.Stages() {
		cfg, err := config.Load(name)
		if err != nil {
			return config.Config{}, err
		}
		if url == cfg.URL() || name == "local" && isLocal(url) {
			return cfg, nil
		}
	}
	return config.Config{}, fmt.Errorf("no stage has the URL %q: give that of a stage, such as https://api-dev.expenzez.com, or what make url prints", url)
}

func mailboxOf(ctx context.Context, cfg config.Config, state string) (Mailbox, error) {
	switch {
	case cfg.Stage == "local":
		stage, err := local.Attach(local.Options{StateDir: state})
		if err != nil {
			return nil, err
		}
		return engineMailbox{stage}, nil
	case cfg.Delivery.Mailbox:
		settings, err := awsconfig.LoadDefaultConfig(ctx, awsconfig.WithRegion(cfg.Region))
		if err != nil {
			return nil, err
		}
		return BucketMailbox{Client: s3.NewFromConfig(settings), Bucket: cfg.MailboxBucket(), Domain: cfg.MailDomain()}, nil
	}
	return nil, nil
}
