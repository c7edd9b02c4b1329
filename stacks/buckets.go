package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/constructs"
	"github.com/expenzez/infrastructure/lambdas/buckets"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/policy"
)

// newBuckets builds every bucket. S3 tells EventBridge of each object, and presigned
// URLs work as long as their declaration says. An object of a user is gone once it is
// deleted: no version of it stays.
func newBuckets(stack awscdk.Stack, cfg config.Config, storage *constructs.DataKey) map[*buckets.Bucket]*constructs.SecureBucket {
	built := map[*buckets.Bucket]*constructs.SecureBucket{}
	for _, bucket := range buckets.All() {
		if err := bucket.Validate(); err != nil {
			panic(err)
		}
		built[bucket] = constructs.NewSecureBucket(stack, "Bucket-"+bucket.Name, &constructs.SecureBucketProps{
			Name:            cfg.BucketName(bucket.Name),
			EncryptionKey:   storage.Key,
			ExpireDays:      bucket.ExpireDays,
			Unversioned:     true,
			AbortUploadDays: 1,
			PresignedMaxAge: bucket.URLAge,
			EventBridge:     true,
			Disposable:      cfg.Data.Disposable,
		})
		policy.Accept(built[bucket], "NIST.800.53.R5-S3BucketReplicationEnabled",
			"Objects live for days: another upload takes the place of a lost one.")
		policy.Accept(built[bucket], "NIST.800.53.R5-S3BucketVersioningEnabled",
			"What a user uploaded is to be gone once it is deleted: a version would outlive it.")
		policy.Accept(built[bucket].LogBucket, "NIST.800.53.R5-S3DefaultEncryptionKMS",
			"S3 delivers access logs to buckets that it encrypts with keys of its own only.")
	}
	return built
}

// allowBucket grants the operations on all objects of users.
func allowBucket(bucket *constructs.SecureBucket, operations []buckets.Operation) constructs.Grant {
	grant := map[buckets.Operation]func(string) constructs.Grant{
		buckets.Read: bucket.AllowRead, buckets.Write: bucket.AllowWrite, buckets.Delete: bucket.AllowDelete,
	}
	var all constructs.Grant
	for _, operation := range operations {
		all = append(all, grant[operation](buckets.Prefix)...)
	}
	return all
}

// addUploads puts an event for each new object on a queue of the function's own.
func (w *wiring) addUploads(declared *function.Function, event function.Event, built *constructs.LeastPrivilegeFunction) {
	consumer := w.newConsumer(declared, event, built)
	consumer.TakeEvents("Rule-"+event.Uploads.Name, declared.Purpose, constructs.ObjectsCreated(w.core.buckets[event.Uploads]))
}
