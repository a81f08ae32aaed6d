# The cluster as one node knows it, asked on the node itself: Get-Cluster -Name would hop, and a
# hop is denied.
Import-Module FailoverClusters
function N($o) { if ($o.Name) { [string]$o.Name } else { [string]$o } }
$c = Get-Cluster
$values = @{}
foreach ($n in 'SameSubnetDelay', 'SameSubnetThreshold', 'CrossSubnetDelay', 'CrossSubnetThreshold', 'CrossSiteDelay', 'CrossSiteThreshold', 'PlumbAllCrossSubnetRoutes', 'RouteHistoryLength', 'ResiliencyLevel', 'ResiliencyDefaultPeriod', 'QuarantineThreshold', 'QuarantineDuration', 'ClusterLogLevel', 'ClusterLogSize', 'ClusSvcHangTimeout', 'HangRecoveryAction', 'ClusterFunctionalLevel') {
    if ($null -ne $c.$n) { $values[$n] = [long]$c.$n }
}
$r = @{name = $c.Name; self = $env:COMPUTERNAME; properties = $values}
$r.os = (Get-ItemProperty 'HKLM:\SOFTWARE\Microsoft\Windows NT\CurrentVersion').ProductName
$faces = @(Get-ClusterNetworkInterface)
$r.nodes = @(foreach ($n in Get-ClusterNode) {
        $at = @(foreach ($f in $faces) { if ((N $f.Node) -eq $n.Name) { [string]$f.Address } })
        @{name = $n.Name; state = [string]$n.State; drain = [string]$n.DrainStatus; version = [string]$n.MajorVersion + '.' + $n.MinorVersion + '.' + $n.BuildNumber; addresses = $at}
    })
