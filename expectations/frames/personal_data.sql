-- One row per text column of a table to publish, with the number of its values that look like personal data. No value is shown.
-- What a code looks like is taken out of a value by its form first, never by the column's name: hashes, serials, codes of
-- dossiers and documents, dates. The kinds of place names that are called after people are no persons.
with texts as materialized (
    -- Most texts are codes: whatever holds no such number, no @ and no space is nothing to look at twice. Kept, or each of
    -- the columns would prepare the patterns below anew.
    select
        table_name,
        column_name,
        found
    from published_texts
    where
        contains(found, '@')
        or contains(found, ' ')
        or regexp_matches(
            found,
            '(?:^|[^0-9A-Za-z])(?:0[0-9]{11}|[0-9]{9})(?:[^0-9A-Za-z]|$)'
            || '|(?:^|[^0-9])(?:84|0)[ .-]?[1-9](?:[ .-]?[0-9]){8}(?:[^0-9]|$)'
        )
),
searched_texts as (
    select
        table_name,
        column_name,
        found,
        regexp_replace(
            found,
            '^[0-9a-f]{32}$|^[0-9A-F]*[A-F][0-9A-F]*$'
            || '|\b(?:[0-9]{2,3}(?:\.[0-9]{2,3}){1,3}\.H[0-9]{2}|H[0-9]{2}(?:\.[0-9]{1,3}){0,4})\b(?:[-,][0-9]{6}-[0-9]{4,8}\b)?'
            || '|\b[0-9]{1,2}[./-][0-9]{1,2}[./-](?:19|20)[0-9]{2}\b|\b(?:19|20)[0-9]{2}[./-][0-9]{1,2}(?:[./-][0-9]{1,2})?\b'
            || '|\b[0-9]{1,2}\.[0-9]{6}(?:\.[0-9A-Z]{2,3})*\b',
            ' ',
            'g'
        ) as searched
    from texts
),
judged as (
    select
        table_name,
        column_name,
        case
            when regexp_matches(searched, '[^\s@]+@[^\s@]+\.[^\s@]+') then 'e-mail'
            when
                -- A number that stands alone: inside of longer codes, some digits always look like one.
                regexp_matches(
                    searched, '(?:^|[\s:;,(])(?:\+?84|0)[ .-]?(?:[35789]|1[2689])(?:[ .-]?[0-9]){8}(?:[\s:;,.)]|$)'
                )
                then 'phone'
            when
                -- Numbers of 12 digits begin with the code of a province, 001 to 096; older ones have 9 and stand alone.
                regexp_matches(searched, '(?:^|[^0-9A-Za-z])0[0-9]{11}(?:[^0-9A-Za-z]|$)|(?:^|[\s:;,(])[0-9]{9}(?:[\s:;,)]|$)')
                then 'identity'
            when regexp_matches(
                    searched,
                    '(?:^|[^\pL])(?:Nguyễn|Trần|Lê|Phạm|Hoàng|Huỳnh|Phan|Vũ|Võ|Đặng|Bùi|Đỗ|Hồ|Ngô|Dương|Lý|Đinh|Trịnh|Đoàn|Mai'
                    || '|Đào|Lương|Tạ|Cao|Lưu|Chu|Tô|Hà|Vương|Trương|Quách|Phùng|Thái|Kiều|Tống|Nông|Hứa|La|Lâm)'
                    || '(?: \p{Lu}\p{Ll}+){2,3}(?:[^\pL]|$)'
                )
                and not regexp_matches(
                    searched,
                    '^(?:Xã|Phường|Thị trấn|Thị xã|Huyện|Quận|Thành phố|Tỉnh|Đặc khu|Sở|Ban|Trung tâm|Văn phòng) '
                )
                then 'name'
        end as kind
    from searched_texts
)
select
    cast(null as varchar) as agency_code,
    c.table_name || '.' || c.column_name as row_key,
    count(j.kind) as personal
from published_columns as c
left join judged as j on c.table_name = j.table_name and c.column_name = j.column_name
group by c.table_name, c.column_name
