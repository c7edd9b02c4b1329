"""Record resources of types that the engine cannot provision.

AWS: provisions them.
Engine 1.5.33: refuses a whole stack for one unknown type. The patch gives such a
resource the physical id, Ref and attributes that its type has on AWS, so that
references to it deploy. The resource has no effect: a recorded gateway routes
nothing, and a recorded trail logs nothing. A type outside the lists is still
refused: a misspelt type, and a type whose effect a stack relies on, such as a
policy, a key or a user.
Delete a type when the engine provisions it: the patch then refuses to start.
"""

import hashlib
import string
from collections.abc import Callable

from patches import Outdated

# A type's Ref and attributes, from its page in
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/.
# {name} is the property after the "|", or a stack-logical name as CloudFormation
# makes it when there is no such property. {hex} is made up, and constant for a resource.
NAMED = "{name}", {"Arn": "{arn}", "Id": "{hex}", "Name": "{name}"}
BY_ARN = "{arn}", {"Arn": "{arn}", "Id": "{hex}"}
BY_ID = "{hex}", {"Arn": "{arn}", "Id": "{hex}"}

NAMED_TYPES = """
AWS::Budgets::Budget| AWS::Chatbot::CustomAction|ActionName AWS::CloudTrail::Trail|TrailName
AWS::CloudFront::RealtimeLogConfig|Name AWS::CloudWatch::CompositeAlarm|AlarmName
AWS::CodeDeploy::Application|ApplicationName AWS::CodeDeploy::DeploymentConfig|DeploymentConfigName
AWS::CodeDeploy::DeploymentGroup|DeploymentGroupName AWS::Cognito::UserPoolIdentityProvider|ProviderName
AWS::Config::ConfigRule|ConfigRuleName
AWS::Config::ConfigurationRecorder|Name AWS::Config::ConformancePack|ConformancePackName
AWS::Config::DeliveryChannel|Name AWS::Events::ApiDestination|Name AWS::Events::Archive|ArchiveName
AWS::Events::Connection|Name AWS::IAM::ServiceLinkedRole|AWSServiceName AWS::Logs::QueryDefinition|Name
AWS::ResourceGroups::Group|Name AWS::SES::ContactList|ContactListName AWS::SES::Template|
AWS::SSM::Document|Name AWS::Synthetics::Canary|Name
"""
BY_ARN_TYPES = """
AWS::AccessAnalyzer::Analyzer AWS::ApplicationAutoScaling::ScalingPolicy AWS::Backup::Framework
AWS::Backup::ReportPlan AWS::CE::AnomalyMonitor AWS::CE::AnomalySubscription
AWS::Chatbot::SlackChannelConfiguration AWS::CloudWatch::InsightRule AWS::IAM::OIDCProvider
AWS::IAM::SAMLProvider AWS::Lambda::CodeSigningConfig AWS::Logs::LogAnomalyDetector
AWS::SecurityHub::AutomationRule AWS::SecurityHub::Hub AWS::SecurityHub::Standard AWS::WAFv2::IPSet
AWS::WAFv2::RegexPatternSet AWS::WAFv2::RuleGroup AWS::XRay::Group AWS::XRay::SamplingRule
"""
BY_ID_TYPES = """
AWS::ApiGatewayV2::Deployment AWS::ApiGatewayV2::Model AWS::ApiGatewayV2::VpcLink
AWS::ApplicationAutoScaling::ScalableTarget AWS::Backup::RestoreTestingPlan AWS::Backup::RestoreTestingSelection
AWS::CloudFront::ContinuousDeploymentPolicy AWS::CloudFront::KeyGroup
AWS::CloudFront::MonitoringSubscription AWS::CloudFront::PublicKey AWS::CloudFront::VpcOrigin
AWS::CloudWatch::AnomalyDetector AWS::Cognito::LogDeliveryConfiguration AWS::Cognito::ManagedLoginBranding
AWS::Cognito::UserPoolRiskConfigurationAttachment 
AWS::Config::AggregationAuthorization AWS::Config::ConfigurationAggregator AWS::Config::RemediationConfiguration
AWS::EC2::EgressOnlyInternetGateway AWS::EC2::FlowLog AWS::EC2::Instance AWS::EC2::NetworkAcl
AWS::EC2::NetworkAclEntry AWS::EC2::SecurityGroupEgress AWS::EC2::SecurityGroupIngress
AWS::EC2::SubnetCidrBlock AWS::EC2::SubnetNetworkAclAssociation AWS::EC2::VPCCidrBlock
AWS::EC2::VPCDHCPOptionsAssociation
AWS::GuardDuty::Detector AWS::GuardDuty::Filter AWS::GuardDuty::PublishingDestination
AWS::Logs::AccountPolicy AWS::Logs::Delivery AWS::Logs::DeliveryDestination AWS::Logs::DeliverySource
AWS::RUM::AppMonitor AWS::Route53::HealthCheck AWS::SES::DedicatedIpPool AWS::SES::VdmAttributes

AWS::XRay::ResourcePolicy AWS::XRay::TransactionSearchConfig
"""
# Types with another Ref or other attributes than the three above.
OWN_TYPES = {
    "AWS::Backup::BackupSelection|": ("{hex}", {"Id": "{hex}", "SelectionId": "{hex}",
                                                "BackupPlanId": "{BackupPlanId}"}),
    "AWS::CE::AnomalyMonitor|": ("{arn}", {"MonitorArn": "{arn}"}),
    "AWS::CE::AnomalySubscription|": ("{arn}", {"SubscriptionArn": "{arn}", "AccountId": "{account}"}),
    "AWS::CloudFront::KeyGroup|": ("{hex}", {"Id": "{hex}", "LastModifiedTime": "1970-01-01T00:00:00Z"}),
    "AWS::Config::ConfigRule|ConfigRuleName": ("{name}", {"Arn": "{arn}", "ConfigRuleId": "config-rule-{hex:.6}"}),
    "AWS::EC2::EIP|": ("192.0.2.{octet}", {"AllocationId": "eipalloc-{hex:.17}", "PublicIp": "192.0.2.{octet}"}),
    "AWS::EC2::NatGateway|": ("nat-{hex:.17}", {"NatGatewayId": "nat-{hex:.17}"}),
    "AWS::EC2::Instance|": ("i-{hex:.17}", {"InstanceId": "i-{hex:.17}", "PrivateIp": "10.0.0.{octet}",
                                            "PublicIp": "192.0.2.{octet}", "AvailabilityZone": "{region}a"}),
    "AWS::Route53::HealthCheck|": ("{hex}", {"HealthCheckId": "{hex}"}),
    "AWS::WAFv2::LoggingConfiguration|": ("{ResourceArn}", {}),
    "AWS::WAFv2::WebACLAssociation|": ("{ResourceArn}|{WebACLArn}", {}),
    "AWS::XRay::Group|": ("{arn}", {"GroupARN": "{arn}"}),
    "AWS::XRay::SamplingRule|": ("{arn}", {"RuleARN": "{arn}"}),
}

Shape = tuple[str, str, dict[str, str]]  # naming property, Ref, attributes


def shapes() -> dict[str, Shape]:
    found: dict[str, Shape] = {}
    for listed, (ref, attributes) in ((NAMED_TYPES, NAMED), (BY_ARN_TYPES, BY_ARN), (BY_ID_TYPES, BY_ID)):
        for entry in listed.split():
            kind, _, naming = entry.partition("|")
            found[kind] = naming, ref, attributes
    for entry, (ref, attributes) in OWN_TYPES.items():
        kind, _, naming = entry.partition("|")
        found[kind] = naming, ref, attributes
    return found


def values(kind: str, naming: str, logical_id: str, stack: str, props: dict, account: str, region: str) -> dict:
    """Return the values of the placeholders in a shape."""
    _, service, resource = kind.split("::")
    digest = hashlib.sha256(f"{region}/{stack}/{logical_id}".encode()).hexdigest()
    name = props.get(naming) or f"{stack}-{logical_id}-{digest[:12].upper()}"
    plain = {key: value for key, value in props.items() if isinstance(value, str)}
    return {**plain, "name": name, "hex": digest[:32], "octet": int(digest[:2], 16) % 254 + 1,
            "account": account, "region": region,
            "arn": f"arn:aws:{service.lower()}:{region}:{account}:{resource.lower()}/{name}"}


def recorder(kind: str, shape: Shape, account: Callable[[], str], region: Callable[[], str]) -> dict:
    naming, ref, attributes = shape

    def record(logical_id, props, stack):
        fill = values(kind, naming, logical_id, stack, props, account(), region())
        format_map = string.Formatter().vformat
        return format_map(ref, (), fill), {key: format_map(value, (), fill) for key, value in attributes.items()}

    return {
        "create": record,
        "update": lambda _physical_id, _old, new, stack, logical_id: record(logical_id, new, stack),
        "update_with_logical_id": True,
        "delete": lambda _physical_id, _props: None,
    }


def apply() -> None:
    from ministack.core.responses import get_account_id, get_region
    from ministack.services.cloudformation import provisioners

    for kind, shape in shapes().items():
        if kind in provisioners._RESOURCE_HANDLERS:
            raise Outdated("recorded_only", f"it provisions {kind} itself")
        provisioners._RESOURCE_HANDLERS[kind] = recorder(kind, shape, get_account_id, get_region)
