create table procedures as
select
    format('1.{{:06d}}', k) as procedure_code,
    agency_code,
    (['HT', 'CT', 'LDTBXH', 'DD', 'XD'])[1 + k % 5] as field_code,
    (['Hộ tịch', 'Chứng thực', 'Bảo trợ xã hội', 'Đất đai', 'Xây dựng'])[1 + k % 5] as field_name,
    -- What nobody applies for is only described.
    case when k >= 60 then 'information' when k % 2 = 0 then 'full' else 'partial' end as service_level,
    k % 3 = 0 as has_fee,
    k = 41 as is_e_certification,
    date '2015-01-01' as valid_from,
    null::date as valid_to
from communes, range(80) t(k);
