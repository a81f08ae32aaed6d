# The roles of the cluster with their owners, its networks, and the time-outs of SQL Server.
Import-Module FailoverClusters
function N($o) { if ($o.Name) { [string]$o.Name } else { [string]$o } }
$r = @{}
$r.networks = @(foreach ($n in Get-ClusterNetwork) { @{name = $n.Name; state = [string]$n.State; role = [string]$n.Role; address = [string]$n.Address; mask = [string]$n.AddressMask} })
$r.groups = @(foreach ($g in Get-ClusterGroup) { @{name = $g.Name; owner = (N $g.OwnerNode); state = [string]$g.State; type = [string]$g.GroupType} })
$r.resources = @(foreach ($s in Get-ClusterResource) {
        $t = N $s.ResourceType
        if ($t -eq 'SQL Server Availability Group' -or $t -eq 'SQL Server') {
            $h = @{}
            foreach ($q in @($s | Get-ClusterParameter)) {
                if ('LeaseTimeout', 'HealthCheckTimeout', 'FailureConditionLevel' -contains $q.Name) { $h[$q.Name] = [long]$q.Value }
            }
            @{name = $s.Name; type = $t; group = (N $s.OwnerGroup); state = [string]$s.State; parameters = $h}
        }
    })
