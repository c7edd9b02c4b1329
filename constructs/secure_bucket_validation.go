package constructs

import (
	"fmt"
	"regexp"
	"time"
)

func (p *SecureBucketProps) withDefaults() SecureBucketProps {
	d := valueOrZero(p)
	if !d.Unversioned {
		d.NoncurrentDays = orDefault(d.NoncurrentDays, 30)
	}
	d.AbortUploadDays = orDefault(d.AbortUploadDays, 7)
	return d
}

var (
	// Names without dots, because S3's TLS certificates do not match names with
	// dots.
	// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
	bucketNamePattern = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$`)
)

const (
	logBucketSuffix = "-logs"
	// The longest retention of S3 Object Lock, 100 years.
	// https://docs.aws.amazon.com/AmazonS3/latest/API/API_DefaultRetention.html
	maxLockDays = 36_500
	// The maximum age of a signature.
	// https://docs.aws.amazon.com/AmazonS3/latest/API/bucket-policy-s3-sigv4-conditions.html
	maxSignatureAge = 7 * 24 * time.Hour
)

func (p *SecureBucketProps) validate() problems {
	var bad problems
	bad.requireBucketName("Name", p.Name)
	if p.LogBucket == nil {
		bad.require(len(p.Name+logBucketSuffix) <= 63, "Name", "has %d characters; use at most 58, or give a LogBucket, since the log bucket's name ends in %s", len(p.Name), logBucketSuffix)
	}
	bad.require(p.ExpireDays >= 0, "ExpireDays", "is %d; use 0 for never, or more", p.ExpireDays)
	bad.require(p.Unversioned || p.NoncurrentDays >= 1, "NoncurrentDays", "is %d; use 1 or more", p.NoncurrentDays)
	bad.require(!p.Unversioned || p.NoncurrentDays == 0, "NoncurrentDays", "is %d with Unversioned; leave one of them out", p.NoncurrentDays)
	bad.require(!p.Unversioned || p.LockDays == 0, "LockDays", "is %d with Unversioned; S3 locks versions only", p.LockDays)
	bad.require(p.LockDays >= 0 && p.LockDays <= maxLockDays, "LockDays", "is %d; use 0 for no lock, or 1 to %d", p.LockDays, maxLockDays)
	bad.require(oneOf(p.LockMode, "", GovernanceLock, ComplianceLock), "LockMode", "is %q; use one of the LockMode constants", p.LockMode)
	bad.require(p.LockMode == "" || p.LockDays > 0, "LockMode", "is %q without LockDays; say for how many days", p.LockMode)
	bad.require(p.AbortUploadDays >= 1, "AbortUploadDays", "is %d; use 1 or more", p.AbortUploadDays)
	bad.require(p.PresignedMaxAge >= 0 && p.PresignedMaxAge <= maxSignatureAge && p.PresignedMaxAge%time.Second == 0,
		"PresignedMaxAge", "is %s; use whole seconds up to %s, or 0 to refuse presigned URLs", p.PresignedMaxAge, maxSignatureAge)
	for i, origin := range p.Origins {
		bad.require(originPattern.MatchString(origin), fmt.Sprintf("Origins[%d]", i),
			"is %q; use an exact origin, scheme://host[:port] without a path or a wildcard", origin)
	}
	bad.require(len(p.Origins) == 0 || p.PresignedMaxAge > 0 || p.PresignedForms, "Origins",
		"are of no use while presigned requests are refused; set PresignedMaxAge or PresignedForms, or leave them out")
	return bad
}

func (p *problems) requireBucketName(prop, name string) {
	p.require(bucketNamePattern.MatchString(name), prop,
		"is %q; use 3 to 63 lower-case letters, digits and -, a letter or digit at both ends", name)
}
