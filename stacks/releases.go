package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/constructs"
)

// newReleases builds the table that holds the state of the release that runs, and the last records
// (package delivery/release). No function reads it.
func newReleases(stack awscdk.Stack, cfg config.Config, storage *constructs.DataKey) {
	table := constructs.NewSecureTable(stack, config.ReleasesTable, &constructs.SecureTableProps{
		Name:          cfg.PhysicalName(config.ReleasesTable),
		PartitionKey:  constructs.TableKey{Name: config.ReleasesKey},
		EncryptionKey: storage.Key,
		RecoveryDays:  cfg.Data.RecoveryDays,
		Disposable:    cfg.Data.Disposable,
	})
	acceptBackup(table, cfg)
}
