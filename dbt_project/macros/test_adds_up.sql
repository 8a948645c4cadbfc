{#- In every row (of those that `only` names) the parts add up to the total; a flag counts as one or nothing. -#}
{% test adds_up(model, total, parts, only='true') %}
select *
from {{ model }}
where
    ({{ only }})
    and {{ total }} <> 0
    {%- for part in parts %}
        + coalesce(cast({{ part }} as bigint), 0)
    {%- endfor %}
{% endtest %}
