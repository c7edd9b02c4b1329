// Package crs stands in for AWS's managed rule groups with the OWASP Core Rule Set,
// run by Coraza. AWS publishes only the names and the purposes of its rules.
//
// Rules whose documentation states a limit or a value are evaluated exactly:
// NoUserAgent_HEADER, SizeRestrictions_* and PROPFIND_METHOD. The other rules are
// those of the Core Rule Set at paranoia level 1 that have the same purpose:
//
//	AWS's rule                    rules of the Core Rule Set
//	SQLi_*                        942100, libinjection
//	SQLiExtendedPatterns_*        all other rules of file 942
//	CrossSiteScripting_*          file 941
//	GenericLFI_*                  930100, 930110, 930120
//	ExploitablePaths_URIPATH      930130, 930140
//	GenericRFI_*                  file 931
//	EC2MetaDataSSRF_*             934110, 934190
//	Log4JRCE_*                    944150
//	JavaDeserializationRCE_*      the other rules of file 944
//	UserAgent_BadBots_HEADER      913100
//
// The rules about addresses (AWSManagedIPReputationList, AnonymousIPList, …) never
// match, because their lists are AWS's. Host_localhost_HEADER never matches, because
// the host of every request to this machine is a loopback name.
//
// A request that passes here can be refused on AWS, and the other way round. So the
// stand-in shows how the app behaves behind managed groups and finds false positives,
// and cannot prove what AWS would decide.
package crs
